//! The doors: every route with what it needs, said once. The router is built from them, and so is the table that tests
//! walk through with every role.

use std::convert::Infallible;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::Method,
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, on},
};

use super::{Need, Person};
use crate::console::{Room, fault::Fault, guest::Guest, visit::Visit};

/// A route and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// `GET` or `POST`.
    pub method: Method,
    /// As the router has it: `/incidents/{id}`.
    pub path: &'static str,
    /// What it asks of whoever comes.
    pub need: Need,
}

/// Routes for people and programs who were let in.
pub(in crate::console) struct Doors {
    room: Room,
    router: Router<Room>,
    list: Vec<Door>,
}

impl Doors {
    /// None yet.
    pub fn new(room: Room) -> Self {
        Self { room, router: Router::new(), list: Vec::new() }
    }

    /// Something to read.
    pub fn get<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Room>,
        T: 'static,
    {
        self.door(Method::GET, MethodFilter::GET, path, need, handler)
    }

    /// Something to do.
    pub fn post<H, T>(self, path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Room>,
        T: 'static,
    {
        self.door(Method::POST, MethodFilter::POST, path, need, handler)
    }

    /// Something to do that brings so many bytes at most.
    pub fn post_sized<H, T>(mut self, path: &'static str, need: Need, most: usize, handler: H) -> Self
    where
        H: Handler<T, Room>,
        T: 'static,
    {
        let guarded = on(MethodFilter::POST, handler)
            .layer::<_, Infallible>(middleware::from_fn_with_state((self.room.clone(), need), allowed))
            .layer(DefaultBodyLimit::max(most));
        self.router = self.router.route(path, guarded);
        self.list.push(Door { method: Method::POST, path, need });
        self
    }

    fn door<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        need: Need,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Room>,
        T: 'static,
    {
        let guarded = on(filter, handler)
            .layer::<_, Infallible>(middleware::from_fn_with_state((self.room.clone(), need), allowed));
        self.router = self.router.route(path, guarded);
        self.list.push(Door { method, path, need });
        self
    }

    /// The routes and their list.
    pub fn end(self) -> (Router<Room>, Vec<Door>) {
        (self.router, self.list)
    }
}

/// Whether the person who came may do what the route needs. Who that is was found out before ([`super::super::guard`]).
async fn allowed(State((room, need)): State<(Room, Need)>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    match request.extensions().get::<Person>() {
        Some(person) if person.may(need) => next.run(request).await,
        Some(person) => Fault::Forbidden.answer(&Visit::of(room, person.clone(), request.headers()), &path),
        None => Fault::LoginFirst.answer(&Guest::of(room, request.headers()), &path),
    }
}
