//! What something costs in memory, seen by the kernel.

use std::fs;
use std::process::Command;

/// Set in the process in which memory is measured.
const MEASURED: &str = "TRAO_TEST_MEASURED";

/// This process, as `/proc` names it.
pub(crate) const OWN: &str = "self";

/// Runs the test called `name` again in a process of its own, where no other test disturbs it, and
/// there its `work`.
pub(crate) fn measured(name: &str, work: impl AsyncFnOnce()) {
    if std::env::var_os(MEASURED).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(work());
        return;
    }
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(MEASURED, "1")
        .output()
        .unwrap();
    let said = [alone.stdout, alone.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        alone.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

/// The most that this process held counts from now on: writing 5 resets it, by
/// `proc_pid_clear_refs(5)`.
pub(crate) fn forget_the_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// A figure of `/proc/PID/status`: `VmRSS:` for what a process holds, `VmHWM:` for the most it held.
pub(crate) fn memory_kib(process: &str, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// The processes that this one (or another, by its number) started and that run still.
pub(crate) fn children(process: &str) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let children = tasks.filter_map(|task| {
        // A thread may have ended since it was listed.
        fs::read_to_string(task.ok()?.path().join("children")).ok()
    });
    let children: String = children.collect();
    children
        .split_ascii_whitespace()
        .map(str::to_owned)
        .collect()
}
