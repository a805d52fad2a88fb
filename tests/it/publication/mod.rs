//! The flow of a result, with every part real: from the spooled upload to the released object.

mod acts;
mod crash;
mod damaged;
mod desk_told;
mod doubted_signatures;
mod earlier_signatures;
mod evidence;
mod idempotency;
mod issuer;
mod lease;
mod levels;
mod marks;
mod path;
mod raise_crash;
mod raise_files;
mod receive;
mod recovery;
