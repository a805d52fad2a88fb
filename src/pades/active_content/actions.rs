//! What happens: actions and those that follow them, by themselves or by a click (ISO 32000-2,
//! 12.6).

use lopdf::{Dictionary, Object};

use super::{Role, Search, dictionary_of};
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    /// What the entries of the table of contents do when they are clicked (12.3.3).
    pub(super) fn outline(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let mut pending = vec![catalog.get(b"Outlines").cloned().unwrap_or(Object::Null)];
        while let Some(entry) = pending.pop() {
            let entry = self.unseen(Role::Outline, &entry)?;
            let Some(entry) = entry.and_then(dictionary_of) else {
                continue;
            };
            self.action(entry.get(b"A").ok(), "the outline", None)?;
            // Whoever reads a damaged chain may begin at its end.
            for key in [b"Prev".as_slice(), b"Next", b"Last", b"First"] {
                pending.extend(entry.get(key).ok().cloned());
            }
        }
        Ok(())
    }

    /// The actions on events in `/AA`.
    pub(super) fn triggers(&mut self, holder: &Dictionary, place: &str) -> Result<(), Refusal> {
        if let Some(triggers) = self.dictionary(holder, b"AA")? {
            for (_, action) in &triggers {
                self.action(Some(action), place, Some(Seen::AdditionalAction))?;
            }
        }
        Ok(())
    }

    /// An action and all that follow it. `by_itself` is the word for one that no click sets off,
    /// where its kind has none; going to a place of the same document needs no word.
    pub(super) fn action(
        &mut self,
        action: Option<&Object>,
        place: &str,
        by_itself: Option<Seen>,
    ) -> Result<(), Refusal> {
        let mut pending: Vec<Object> = action.into_iter().cloned().collect();
        while let Some(action) = pending.pop() {
            let action = match self.unseen(Role::Action(by_itself), &action)? {
                // Several follow one (12.6.2).
                Some(Object::Array(actions)) => {
                    pending.extend(actions);
                    continue;
                }
                action => action.and_then(dictionary_of),
            };
            let Some(action) = action else { continue };
            if let Some(seen) = self.word_for(&action, by_itself)? {
                self.found(seen, place);
            }
            pending.extend(action.get(b"Next").ok().cloned());
        }
        Ok(())
    }

    fn word_for(
        &self,
        action: &Dictionary,
        by_itself: Option<Seen>,
    ) -> Result<Option<Seen>, Refusal> {
        let kind = self.pdf.get(action, b"S")?;
        Ok(match kind.as_name().unwrap_or_default() {
            b"GoTo" | b"" => None,
            b"URI" if by_itself.is_none() => None,
            b"JavaScript" => Some(Seen::JavaScript),
            b"Rendition" if action.has(b"JS") => Some(Seen::JavaScript),
            b"Launch" => Some(Seen::LaunchAction),
            b"URI" | b"SubmitForm" | b"GoToR" | b"GoToE" | b"GoToDp" | b"ImportData"
            | b"Thread" => Some(Seen::ExternalAction),
            b"Rendition" | b"Movie" | b"Sound" | b"RichMediaExecute" | b"GoTo3DView" => {
                Some(Seen::RichMedia)
            }
            // It switches layers or annotations on and off.
            b"SetOCGState" => Some(Seen::OptionalContentHidden),
            b"Hide" if by_itself.is_none() => Some(Seen::HiddenAnnotation),
            _ => by_itself,
        })
    }
}
