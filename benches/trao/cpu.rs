//! CPU time: of this process, of the children it has waited for, and of those that still run.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Enough runs to measure, few enough to wait for.
const ENOUGH: Duration = Duration::from_millis(1500);
const RUNS_MIN: u32 = 5;
const RUNS_MAX: u32 = 3000;
/// Linux counts the time of children that ended in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of one run, on average over as many as make a measure; the first is not counted.
/// To look at the clocks of all processes costs as much as a small seal: that is done seldom.
pub(crate) fn of(mut run: impl FnMut()) -> Duration {
    run();
    let begin = total();
    let (mut runs, mut until_next_look) = (0, RUNS_MIN);
    loop {
        for _ in 0..until_next_look {
            run();
        }
        runs += until_next_look;
        let spent = total().saturating_sub(begin);
        if spent >= ENOUGH || runs >= RUNS_MAX {
            return spent / runs;
        }
        let (left, each) = (ENOUGH.saturating_sub(spent), spent / runs);
        let wanted = left.as_nanos() / each.as_nanos().max(1) + 1;
        until_next_look = u32::try_from(wanted)
            .unwrap_or(RUNS_MAX)
            .clamp(1, RUNS_MAX - runs);
    }
}

/// The CPU time of jobs that are compared, each with how many runs one call is: they take turns, so
/// that a machine that is slower for a while is so for all, and the middle one of their turns counts.
pub(crate) fn side_by_side<const N: usize>(jobs: [(u32, &mut dyn FnMut()); N]) -> [Duration; N] {
    let mut jobs = jobs.map(|(runs, job)| {
        let mut of_calls = |calls: u32| {
            let begin = total();
            (0..calls).for_each(|_| job());
            total().saturating_sub(begin)
        };
        of_calls(1);
        let each = of_calls(1).as_nanos().max(1);
        let calls = u32::try_from(TURN.as_nanos() / each + 1).unwrap_or(1);
        (runs, calls.min(RUNS_MAX), job, Vec::new())
    });
    for _ in 0..TURNS {
        for (runs, calls, job, turns) in &mut jobs {
            let begin = total();
            (0..*calls).for_each(|_| job());
            turns.push(total().saturating_sub(begin) / (*runs * *calls));
        }
    }
    jobs.map(|(_, _, _, mut turns)| {
        turns.sort();
        turns[TURNS / 2]
    })
}

/// So many turns each, an odd number, of about so long.
const TURNS: usize = 11;
const TURN: Duration = Duration::from_millis(150);

/// The CPU time of this process and of its children, dead or alive.
pub(crate) fn total() -> Duration {
    own()
        + ended_children()
        + children()
            .iter()
            .map(|&pid| of_process(pid))
            .sum::<Duration>()
}

fn own() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}

fn ended_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The name in parentheses may hold blanks; cutime and cstime are fields 16 and 17.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u32 = fields[13..15]
        .iter()
        .map(|field| field.parse::<u32>().unwrap())
        .sum();
    TICK * ticks
}

/// The children of this process that run.
pub(crate) fn children() -> Vec<u32> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let lists = tasks.filter_map(|task| {
        // A thread may have ended since it was listed.
        fs::read_to_string(task.ok()?.path().join("children")).ok()
    });
    let lists: String = lists.collect();
    lists
        .split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

/// The CPU time of all threads of a process that runs.
pub(crate) fn of_process(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Duration::ZERO;
    };
    let nanoseconds = tasks.filter_map(|task| {
        let stat = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// The largest amount of memory that a process has held, in KiB.
pub(crate) fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
