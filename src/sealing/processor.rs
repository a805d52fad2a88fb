//! On which processor a child works.
//!
//! Who asks about one small file waits for the answer: its own processor is free meanwhile, has the
//! file in its cache, and needs no other one to be woken. There the child costs a tenth of the whole
//! seal less. A run of files or a large one is better off elsewhere: both sides work at once then.

use std::process::Child;

use rustix::io;
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_getcpu, sched_setaffinity};

/// Where a child may run, as it was told last.
#[derive(Debug, Default)]
pub(super) struct Processor {
    bound_to: Option<usize>,
}

impl Processor {
    /// Has the child work where this thread runs, or wherever this thread may. It is a wish: what
    /// the system does not grant costs time and nothing else.
    pub(super) fn choose(&mut self, child: &Child, beside_us: bool) {
        let here = beside_us.then(sched_getcpu);
        let here = here.filter(|&number| number < CpuSet::MAX_CPU);
        if here != self.bound_to && bind(child, here).is_ok() {
            self.bound_to = here;
        }
    }
}

fn bind(child: &Child, to: Option<usize>) -> io::Result<()> {
    let set = match to {
        None => sched_getaffinity(None)?,
        Some(number) => {
            let mut set = CpuSet::new();
            set.set(number);
            set
        }
    };
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    sched_setaffinity(Some(id.ok_or(io::Errno::SRCH)?), &set)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn allowed(child: &Child) -> CpuSet {
        let id = i32::try_from(child.id()).unwrap();
        sched_getaffinity(Pid::from_raw(id)).unwrap()
    }

    #[test]
    fn a_child_is_bound_and_set_free_again() {
        let waits = Command::new("cat").stdin(Stdio::piped()).spawn();
        let mut child = waits.unwrap();
        let ours = sched_getaffinity(None).unwrap();
        let mut processor = Processor::default();
        processor.choose(&child, true);
        let bound = allowed(&child);
        assert_eq!(bound.count(), 1);
        assert!(bound.is_set(processor.bound_to.unwrap()));
        processor.choose(&child, false);
        assert_eq!(allowed(&child), ours);
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
