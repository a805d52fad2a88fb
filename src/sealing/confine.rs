//! What the reading child takes from itself before it sees a file: files, network, processes, and
//! every system call that reading does not need. What is left to whoever would take it over by a
//! hostile file are the descriptors that it was handed, and memory.

use std::collections::BTreeMap;
use std::io;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use rustix::thread::set_no_new_privs;
use rustix::time::{ClockId, clock_gettime};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::wire::{Allowance, FILES_MAX};

/// Confines this process for good. `RLIMIT_FSIZE` 0 ends every attempt to write a file,
/// `RLIMIT_CORE` 0 keeps the file's contents out of core dumps.
///
/// # Errors
/// Where a limit or the filter cannot be set; Landlock alone may be missing from a kernel.
pub(super) fn confine() -> io::Result<()> {
    for (resource, most) in [
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 16 + FILES_MAX as u64),
        (Resource::Nproc, 0),
    ] {
        setrlimit(resource, limit(Some(most), Some(most)))?;
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    set_no_new_privs(true)?;
    // OpenSSL reads its configuration and the clock finds its page when they are first used: now,
    // while they may.
    let _ = clock_gettime(ClockId::ProcessCPUTime);
    crate::pades::warm_up();
    landlock().map_err(io::Error::other)?;
    for filter in filters().map_err(io::Error::other)? {
        seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    }
    Ok(())
}

/// What this process has been allowed last.
#[derive(Default)]
pub(super) struct Allowed {
    cpu: Option<u64>,
    memory: Option<(u64, u64)>,
}

impl Allowed {
    /// Sets what the next answer may cost.
    ///
    /// # Errors
    /// Where a limit cannot be set.
    pub(super) fn become_at_most(&mut self, allowance: Allowance) -> io::Result<()> {
        let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
        let used = u64::try_from(used).unwrap_or_default();
        // A second more: what was used is rounded down.
        let cpu = used.saturating_add(allowance.cpu_seconds).saturating_add(1);
        // Time is counted over all answers: its hard limit stays open, and whoever asks waits no
        // longer than twice what he gave.
        if self.cpu.replace(cpu) != Some(cpu) {
            lower(Resource::Cpu, cpu, None)?;
        }
        let memory = (allowance.memory_bytes, allowance.memory_bytes_max);
        if self.memory.replace(memory) != Some(memory) {
            lower(Resource::As, memory.0, Some(memory.1))?;
        }
        Ok(())
    }
}

/// Sets the soft limit, which the next answer may raise again, and lowers the hard one.
fn lower(resource: Resource, most: u64, hard: Option<u64>) -> io::Result<()> {
    let present = getrlimit(resource).maximum;
    let maximum = [present, hard].into_iter().flatten().min();
    let current = maximum.map_or(most, |maximum| most.min(maximum));
    Ok(setrlimit(resource, limit(Some(current), maximum))?)
}

/// Whether this kernel knows Landlock: `doctor` says so.
pub(super) fn has_landlock() -> bool {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create)
        .is_ok()
}

fn limit(current: Option<u64>, maximum: Option<u64>) -> Rlimit {
    Rlimit { current, maximum }
}

/// No file, no network, no signal and no socket beyond this process: a ruleset without a rule.
fn landlock() -> Result<RulesetStatus, landlock::RulesetError> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?;
    Ok(ruleset.restrict_self()?.ruleset)
}

/// What is listed is allowed; to open a file is refused, since libraries try it and go on without;
/// anything else ends the process. Of two filters the stricter answer counts.
fn filters() -> Result<[BpfProgram; 2], BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let mut allowed: BTreeMap<_, _> = any(ALLOWED).chain(any(REFUSED)).collect();
    for &call in NOT_EXECUTABLE {
        allowed.insert(call, vec![SeccompRule::new(vec![not_executable()?])?]);
    }
    for (call, process) in OWN_PROCESS {
        let own = first_argument_is(process())?;
        allowed.insert(call, vec![SeccompRule::new(vec![own])?]);
    }
    let list = SeccompFilter::new(
        allowed,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        arch,
    )?;
    let refused = SeccompFilter::new(
        any(REFUSED).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EACCES.unsigned_abs()),
        arch,
    )?;
    // The list comes last: to set another filter is not on it.
    Ok([refused.try_into()?, list.try_into()?])
}

/// These calls, whatever their arguments.
fn any(calls: &[i64]) -> impl Iterator<Item = (i64, Vec<SeccompRule>)> {
    calls.iter().map(|&call| (call, Vec::new()))
}

/// The third argument of `mmap` and `mprotect` has no `PROT_EXEC`.
fn not_executable() -> Result<SeccompCondition, BackendError> {
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    let op = SeccompCmpOp::MaskedEq(executable);
    SeccompCondition::new(2, SeccompCmpArgLen::Dword, op, 0)
}

/// The first argument names this process: no other one's limits are set, and none is ended.
fn first_argument_is(process: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, process)
}

/// Reading handed descriptors, memory, time, chance, limits, ending.
const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_close,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_lseek,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

const REFUSED: &[i64] = &[libc::SYS_openat];

const NOT_EXECUTABLE: &[i64] = &[libc::SYS_mmap, libc::SYS_mprotect];

/// Calls that act upon a process, and how they name their own: by 0, and by its number, with which
/// an abort is raised.
const OWN_PROCESS: [(i64, fn() -> u64); 2] = [
    (libc::SYS_prlimit64, || 0),
    (libc::SYS_tgkill, || u64::from(std::process::id())),
];

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::net::{TcpStream, UdpSocket};
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, ExitStatus};

    use rustix::process::{getppid, prlimit};

    use super::*;

    const ACT: &str = "TRAO_TEST_CONFINED_ACT";
    const SIGSYS: i32 = 31;

    /// The process that is confined: this test, started by those below; by itself it does nothing.
    #[test]
    fn the_process_that_tries() {
        let Ok(act) = std::env::var(ACT) else { return };
        let parent = getppid();
        if act == "landlock" {
            landlock().unwrap();
        } else {
            confine().unwrap();
        }
        let is_refused = match act.as_str() {
            "read" | "landlock" => File::open("/etc/hostname").is_err(),
            "write" => File::create("/tmp/trao-confined").is_err(),
            "connect" => TcpStream::connect("127.0.0.1:9").is_err(),
            "send" => UdpSocket::bind("127.0.0.1:0").is_err(),
            "spawn" => Command::new("/bin/true").spawn().is_err(),
            "limit" => prlimit(parent, Resource::Cpu, limit(Some(1), Some(1))).is_err(),
            "abort" => std::process::abort(),
            _ => false,
        };
        std::process::exit(if is_refused { 7 } else { 8 });
    }

    fn tries(act: &str) -> ExitStatus {
        let name = concat!(module_path!(), "::the_process_that_tries");
        let name = name.split_once("::").unwrap().1;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture", "--test-threads=1"]);
        child.env(ACT, act).output().unwrap().status
    }

    #[test]
    fn to_open_a_file_is_refused() {
        for act in ["read", "write"] {
            assert_eq!(tries(act).code(), Some(7), "{act}");
        }
    }

    /// By the kernel's file system itself, where it can: the filter of calls is the second door.
    #[test]
    fn landlock_alone_refuses_a_file() {
        let expected = if has_landlock() { 7 } else { 8 };
        assert_eq!(tries("landlock").code(), Some(expected));
    }

    #[test]
    fn network_and_processes_are_the_end() {
        for act in ["connect", "send", "spawn", "limit"] {
            assert_eq!(tries(act).signal(), Some(SIGSYS), "{act}");
        }
    }

    /// Its own end is its own: an abort is told from a forbidden call.
    #[test]
    fn it_may_end_itself() {
        assert_eq!(tries("abort").signal(), Some(libc::SIGABRT));
    }
}
