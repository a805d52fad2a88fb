//! What underskrift needs for a seal: `trao-peers FILE.pdf KEY.p12 PASSPHRASE OUT SECONDS` reads,
//! signs and writes the file again and again for so many seconds of CPU time, and prints the
//! nanoseconds of one time and the most memory that was held, in KiB.

use std::error::Error;
use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;
use underskrift::{PdfSigner, SigningOptions, SoftwareSigner, SubFilter};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, key, passphrase, out, seconds] = arguments.as_slice() else {
        return Err("FILE.pdf KEY.p12 PASSPHRASE OUT SECONDS".into());
    };
    let enough = Duration::from_secs_f64(seconds.parse()?);
    // RSASSA-PKCS1-v1_5 for RSA: its RSASSA-PSS ends with "invalid padding scheme".
    let signer = SoftwareSigner::from_pkcs12_file(key, passphrase)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let seal = || seal(&runtime, &signer, file, out);
    // The first time is not counted.
    seal()?;
    let begin = cpu();
    let mut runs = 0;
    while runs == 0 || cpu() - begin < enough {
        seal()?;
        runs += 1;
    }
    println!("{} {}", (cpu() - begin).as_nanos() / runs, peak_kib()?);
    Ok(())
}

fn seal(
    runtime: &Runtime,
    signer: &SoftwareSigner,
    file: &str,
    out: &str,
) -> Result<(), Box<dyn Error>> {
    let options = SigningOptions {
        sub_filter: SubFilter::Pades,
        ..SigningOptions::default()
    };
    let pdf = fs::read(file)?;
    let sealing = PdfSigner::new().options(options);
    let sealed = runtime.block_on(sealing.sign(&pdf, signer))?;
    Ok(fs::write(out, sealed)?)
}

/// The CPU time of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.map(|line| line.trim().trim_end_matches(" kB"));
    Ok(number.ok_or("no VmHWM")?.parse()?)
}
