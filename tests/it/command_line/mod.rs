//! What every verb of the program keeps to, whoever calls it.

mod verify;
