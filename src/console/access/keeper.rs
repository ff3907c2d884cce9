//! Keeps the book of accounts: one value of the store, held in memory for reading. The daemon is the only one who
//! works on its database, so what is in memory is what is written; a change counts only when it was written.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};

use super::{Book, BookError, Secret};
use crate::store::{SharedStore, StoreError};

/// Where the book stands among the named values.
const KEY: &str = "access";
/// What the path of an invitation begins with; the code follows.
pub const FIRST: &str = "/welcome/";

/// The book of one store.
#[derive(Clone)]
pub struct Keeper(Arc<Kept>);

struct Kept {
    store: SharedStore,
    book: OnceCell<RwLock<Arc<Book>>>,
    turn: Mutex<()>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Keeper {
    /// The keeper of this store's book, which is read with the first question.
    #[must_use]
    pub fn new(store: SharedStore) -> Self {
        Self(Arc::new(Kept { store, book: OnceCell::new(), turn: Mutex::new(()) }))
    }

    async fn cell(&self) -> Result<&RwLock<Arc<Book>>, StoreError> {
        let read = || async {
            let book = match self.0.store.value(KEY).await? {
                None => Book::default(),
                Some(text) => serde_json::from_str(&text).map_err(|error| StoreError::Corrupt {
                    table: "value",
                    why: format!("{KEY}: {error}"),
                })?,
            };
            Ok(RwLock::new(Arc::new(book)))
        };
        self.0.book.get_or_try_init(read).await
    }

    /// The book as it is.
    ///
    /// # Errors
    /// When it was never read and the store does not answer.
    pub async fn book(&self) -> Result<Arc<Book>, StoreError> {
        Ok(Arc::clone(&self.cell().await?.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Changes the book, and writes it before anybody sees it. A change that answers an error is none.
    ///
    /// # Errors
    /// When the store does not take it; the book is as before then.
    pub async fn change<T>(
        &self,
        change: impl FnOnce(&mut Book) -> Result<T, BookError>,
    ) -> Result<Result<T, BookError>, StoreError> {
        let cell = self.cell().await?;
        let _turn = self.0.turn.lock().await;
        let mut book = Book::clone(&*self.book().await?);
        let done = match change(&mut book) {
            Ok(done) => done,
            Err(why) => return Ok(Err(why)),
        };
        let text = serde_json::to_string(&book)
            .map_err(|error| StoreError::Engine(format!("{KEY} cannot be written: {error}")))?;
        self.0.store.set_value(KEY, text).await?;
        *cell.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        Ok(Ok(done))
    }

    /// The path by which the first administrator is made, while there is no account. It holds for a day and replaces
    /// the one before.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn first(&self, now: Timestamp) -> Result<Option<String>, StoreError> {
        if !self.book().await?.accounts.is_empty() {
            return Ok(None);
        }
        let secret = Secret::new().map_err(|error| StoreError::Engine(error.to_string()))?;
        let invited = self.change(|book| book.invite(None, &secret, now)).await?;
        Ok(invited.ok().map(|()| format!("{FIRST}{}", secret.shown())))
    }
}
