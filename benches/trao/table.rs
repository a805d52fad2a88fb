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

/// Prints the head of the seals' table.
pub(crate) fn seals_head() {
    println!(
        "{:<24} {:>9} {:>9} {:>6} {:>9} {:>6} {:>9} {:>12} {:>11}",
        "CPU ms for one",
        "floor",
        "of many",
        "ratio",
        "one",
        "ratio",
        "pades",
        "underskrift",
        "pyHanko"
    );
}

/// Prints one line of it: Trao with its children, one file of many and one by itself; the floor; the
/// module `pades` alone without a file written; the peers in process.
pub(crate) fn seal(job: &str, spent: [Duration; 4], peers: [Option<Duration>; 2]) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let [of_many, one, floor, alone] = spent.map(ms);
    let [underskrift, pyhanko] =
        peers.map(|peer| peer.map_or_else(|| "-".to_owned(), |spent| format!("{:.3}", ms(spent))));
    println!(
        "{job:<24} {floor:>9.3} {of_many:>9.3} {:>6.2} {one:>9.3} {:>6.2} {alone:>9.3} \
         {underskrift:>12} {pyhanko:>11}",
        of_many / floor,
        one / floor,
    );
}
