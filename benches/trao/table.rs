//! The table.

use std::time::Duration;

/// Prints the table's head.
pub(crate) fn head() {
    println!(
        "{:<44} {:>10} {:>10} {:>7}  counted",
        "job", "Trao ms", "floor ms", "ratio"
    );
}

/// Prints one line: what Trao needs for the job, and what nobody can go below.
pub(crate) fn line(job: &str, trao: Duration, floor: Duration, counted: &str) {
    let (trao, floor) = (trao.as_secs_f64() * 1e3, floor.as_secs_f64() * 1e3);
    println!(
        "{job:<44} {trao:>10.3} {floor:>10.3} {:>7.2}  {counted}",
        trao / floor
    );
}
