//! What is made ready once to use a key, and is lent to one thread after the other: to make it ready
//! takes a fifth of checking an RSA signature, and as long when one is made.

use std::sync::{Mutex, PoisonError};

use openssl::error::ErrorStack;
use openssl::pkey_ctx::PkeyCtx;

/// Contexts of one key that nobody uses at the moment, each with what it was made ready for.
pub(super) struct Contexts<H, T> {
    idle: Mutex<Vec<(H, PkeyCtx<T>)>>,
}

impl<H: PartialEq, T> Contexts<H, T> {
    pub(super) fn new() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Uses a context that is ready for this, or one that is made so. Nobody gets one again that
    /// something went wrong with.
    pub(super) fn lend<R>(
        &self,
        ready_for: H,
        make: impl FnOnce() -> Result<PkeyCtx<T>, ErrorStack>,
        work: impl FnOnce(&mut PkeyCtx<T>) -> Result<R, ErrorStack>,
    ) -> Result<R, ErrorStack> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop().filter(|(is_for, _)| *is_for == ready_for);
        let mut context = match waiting {
            Some((_, context)) => context,
            None => make()?,
        };
        let outcome = work(&mut context)?;
        idle().push((ready_for, context));
        Ok(outcome)
    }
}
