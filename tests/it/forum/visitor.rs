//! People at the forum, by HTTP as a browser does it: pages, the hidden token of each form, the cookie.

use std::collections::BTreeMap;

use super::program::MEMBER;

/// One browser.
pub struct Visitor {
    base: String,
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        // A second installation is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { base: base.to_owned(), client, cookies: BTreeMap::new() }
    }

    /// Logs in as the member.
    pub async fn log_in(&mut self) {
        let (name, password) = MEMBER;
        let leads_to = self.submit("/auth/login", &[("login", name), ("password", password)]).await;
        assert!(!leads_to.contains("login"), "the login was refused: {leads_to}");
        assert!(self.get("/").await.contains("/auth/logout"), "the login did not hold");
    }

    /// Opens a topic on the first board; answers with its path.
    pub async fn post(&mut self, title: &str, text: &str) -> String {
        let leads_to = self.submit("/1/topic/new", &[("title", title), ("content", text)]).await;
        let at = leads_to.find("/topic/").unwrap_or_else(|| panic!("no topic was made: {leads_to}"));
        leads_to.split_at(at).1.to_owned()
    }

    /// A page's text.
    pub async fn get(&mut self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.base));
        let (status, _, body) = self.send(request).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Opens the page of a form, fills it in with its token and sends it; answers with where that leads.
    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let page = self.get(path).await;
        let token = token_of(&page).unwrap_or_else(|| panic!("{path} has no form: {page}"));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf_token", &token).extend_pairs(fields).append_pair("submit", "1");
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let (status, leads_to, body) = self.send(request).await;
        assert_eq!(status, 302, "{path}: {body}");
        leads_to
    }

    /// Sends with the cookies and keeps the new ones: status, Location, body.
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut answer = request.header("Cookie", cookies.join("; ")).send().await.expect("an answer");
        for cookie in answer.headers().get_all("Set-Cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let leads_to = answer.headers().get("Location").and_then(|to| to.to_str().ok());
        let leads_to = leads_to.unwrap_or_default().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.expect("a chunk") {
            body.extend_from_slice(&chunk);
        }
        (answer.status().as_u16(), leads_to, String::from_utf8(body).expect("UTF-8"))
    }
}

/// The token of the first form that has one.
fn token_of(page: &str) -> Option<String> {
    let (_, after) = page.split_once("name=\"csrf_token\"")?;
    let (_, value) = after.split_once("value=\"")?;
    Some(value.split_once('"')?.0.to_owned())
}
