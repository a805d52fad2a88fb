#!/usr/bin/env python3
"""Seals every PDF of a folder with the real program and lets others judge the outcome.

    corpus.py FOLDER --trao PROGRAM [--keep FOLDER] [--jobs N]

It needs the judges' Python (pyHanko), `qpdf` and `pdfsig`. The identity is made on the spot.
Counted are the files that qualify: `qpdf --check` has nothing to say of them, they are not
encrypted, have a page and are not closed by DocMDP. The exit status is 1 if fewer than 99.5 % of
them are sealed and held valid by all, or if anything hung or crashed.
"""

import argparse
import collections
import dataclasses
import datetime
import logging
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

BAR = 0.995
BATCH = 50
JUDGE_SECONDS = 120
# What a batch may take is the sum of what its files may; one that is slower holds a file that hangs.
FILE_SECONDS = 60
PYHANKO_EVERY = 10
REFUSAL = re.compile(r"(?P<text>[^\n]*) \[(?P<code>[a-z_]+)\]")
# How `trao` tells that its reading process did not come back, and what must never be its fault.
HANG = "gave no answer in time"
CRASHES = ("the reading process died", "failed its own verification", "the prepared revision is malformed")


@dataclasses.dataclass
class Case:
    """One received file and what became of it."""

    number: int
    path: pathlib.Path
    qualifies: bool = False
    outcome: str = ""
    reason: str = ""
    faults: list = dataclasses.field(default_factory=list)
    # Whether pyHanko was asked and could not even read the received file.
    unread: bool = False

    @property
    def name(self):
        return f"{self.number:06}.pdf"


def main():
    options = arguments()
    found = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() == ".pdf")
    cases = [Case(number, path) for number, path in enumerate(filter(pathlib.Path.is_file, found))]
    if not cases:
        sys.exit(f"{options.folder}: there is no PDF")
    with tempfile.TemporaryDirectory(prefix="trao-corpus-") as scratch:
        work = pathlib.Path(scratch)
        identity = Identity(work)
        sealer = Sealer(options.trao, identity, work, options.jobs)
        for start in range(0, len(cases), BATCH):
            sealer.seal(cases[start : start + BATCH])
            print(f"{min(start + BATCH, len(cases))} of {len(cases)} sealed or refused", file=sys.stderr)
        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(lambda case: judge(case, sealer.sealed), cases))
        for case in [case for case in cases if case.qualifies and case.outcome == "refused"]:
            case.qualifies = not is_closed(case.path)
        for case in [case for case in cases if case.outcome == "sealed"][::PYHANKO_EVERY]:
            case.faults += pyhanko_faults(case, sealer.sealed / case.name, identity.anchor)
        keep(cases, sealer.sealed, options.keep)
    sys.exit(0 if report(cases, options.keep) else 1)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--trao", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("corpus-failed"), help="where failures go")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.trao = options.trao.resolve()
    return options


class Identity:
    """A root and an agency's certificate under it, made for this run alone."""

    def __init__(self, folder):
        root_key, agency_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = certificate("Corpus root", root_key, None, root_key)
        agency = certificate("Corpus agency", agency_key, root, root_key)
        self.key, self.certificate, self.chain = (folder / name for name in ("key.pem", "cert.pem", "root.pem"))
        pem = serialization.Encoding.PEM
        self.key.write_bytes(
            agency_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        self.certificate.write_bytes(agency.public_bytes(pem))
        self.chain.write_bytes(root.public_bytes(pem))
        self.anchor = asn1_x509.Certificate.load(asn1_pem.unarmor(self.chain.read_bytes())[2])


def certificate(name, key, issuer, issuer_key):
    """A certificate for a key; without an issuer it is a root."""
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_root = issuer is None
    usages = dict.fromkeys(
        "key_encipherment data_encipherment key_agreement crl_sign encipher_only decipher_only".split(), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if is_root else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root, content_commitment=not is_root, key_cert_sign=is_root, **usages
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )


class Sealer:
    """Hands files to `trao sign`, many at once; the files of a call that does not end, one by one."""

    def __init__(self, trao, identity, work, jobs):
        self.command = [trao, "sign", "--key", identity.key, "--cert", identity.certificate]
        self.command += ["--chain", identity.chain, "--jobs", str(jobs)]
        self.work, self.sealed = work, work / "sealed"
        self.sealed.mkdir()

    def seal(self, cases):
        received = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        for case in cases:
            (received / case.name).symlink_to(case.path.resolve())
        command = [*self.command, "--out", self.sealed, received]
        ended = run(command, FILE_SECONDS * len(cases))
        if ended is None or ended.returncode not in (0, 1):
            if len(cases) > 1:
                for case in cases:
                    self.seal([case])
            else:
                cases[0].outcome = "hang" if ended is None else "crash"
                cases[0].reason = "" if ended is None else f"exit status {ended.returncode}"
            return
        for case in cases:
            take_outcome(case, ended.stderr, self.sealed)


def take_outcome(case, said, sealed):
    """Reads from the program's lines what became of a file."""
    lines = [line for line in said.splitlines() if f"/{case.name}: " in line]
    told = REFUSAL.search(lines[0].split(f"/{case.name}: ", 1)[1]) if lines else None
    if told:
        sentence, _, detail = told["text"].partition(": ")
        case.reason = f"{told['code']}: {detail or sentence}"
    # What is said of a file that was written is a warning.
    if (sealed / case.name).is_file():
        case.outcome = "sealed"
    elif told:
        case.outcome = "refused"
        if HANG in told["text"]:
            case.outcome = "hang"
        elif any(words in told["text"] for words in CRASHES):
            case.outcome = "crash"
    else:
        case.outcome, case.reason = "crash", "neither sealed nor refused"


def judge(case, sealed):
    """Decides whether a received file counts, and asks qpdf and pdfsig about the sealed one."""
    before, silent = qpdf(case.path)
    case.qualifies = silent and not is_encrypted(case.path) and pages(case.path) > 0
    if case.outcome != "sealed":
        return
    after, quiet = qpdf(sealed / case.name)
    if (silent and not quiet) or rank(after) > rank(before):
        case.faults.append(f"qpdf: {before} before, {after} after")
    case.faults += pdfsig_faults(sealed / case.name)


def qpdf(path):
    """The exit status of `qpdf --check` (0, 3 with warnings, 2 with errors), and whether it was silent."""
    ended = run(["qpdf", "--check", path], JUDGE_SECONDS)
    if ended is None:
        return 2, False
    return ended.returncode, ended.returncode == 0 and "WARNING" not in ended.stdout + ended.stderr


def rank(status):
    return {0: 0, 3: 1}.get(status, 2)


def is_encrypted(path):
    ended = run(["qpdf", "--is-encrypted", path], JUDGE_SECONDS)
    return ended is None or ended.returncode == 0


def pages(path):
    ended = run(["qpdf", "--show-npages", path], JUDGE_SECONDS)
    return int(ended.stdout) if ended and ended.stdout.strip().isdigit() else 0


def pdfsig_faults(path):
    """Our signature is the one that covers the whole file."""
    ended = run(["pdfsig", "-nocert", path], JUDGE_SECONDS)
    if ended is None:
        return ["pdfsig: no end"]
    whole = [part for part in ended.stdout.split("Signature #") if "Total document signed" in part]
    if not whole:
        return [f"pdfsig: no signature covers the file: {ended.stderr.strip()[:200]}"]
    if not any("Signature is Valid" in part for part in whole):
        return ["pdfsig: the signature is not valid"]
    return []


def pyhanko_faults(case, path, anchor):
    """Our signature must be whole and trusted; what others signed before is not judged."""
    context = ValidationContext(trust_roots=[anchor], allow_fetching=False, revocation_mode="soft-fail")
    try:
        with timeout(JUDGE_SECONDS), path.open("rb") as file:
            ours = [one for one in signatures_in(file) if one.field_name.startswith("Trao-")]
            status = validate_pdf_signature(ours[-1], context)
            return [] if status.bottom_line else [f"pyHanko: {status.summary()}"]
    except Exception as error:  # whatever a judge stumbles over is a fault to look at
        case.unread = not can_be_read(case.path)
        return [] if case.unread else [f"pyHanko: {type(error).__name__}: {error}"]


def signatures_in(file):
    return PdfFileReader(file, strict=False).embedded_signatures


def is_closed(path):
    """Whether a certification forbids every change (DocMDP, P=1), as pyHanko reads the file."""
    try:
        with timeout(JUDGE_SECONDS), path.open("rb") as file:
            levels = [one.docmdp_level for one in signatures_in(file)]
            return MDPPerm.NO_CHANGES in levels
    except Exception:
        return False


def can_be_read(path):
    """Whether pyHanko reads a received file at all, as far as it must for a signature."""
    try:
        with timeout(JUDGE_SECONDS), path.open("rb") as file:
            signatures_in(file)
            return True
    except Exception:
        return False


class timeout:
    """Breaks a piece of work on the main thread off after some seconds."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        def raise_timeout(*_):
            raise TimeoutError

        signal.signal(signal.SIGALRM, raise_timeout)
        signal.alarm(self.seconds)

    def __exit__(self, *_):
        signal.alarm(0)


def run(command, seconds):
    """Runs a program; nothing if it does not end in time."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=seconds, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return None


def keep(cases, sealed, folder):
    """Keeps what failed: the received file and, where there is one, the sealed one."""
    shutil.rmtree(folder, ignore_errors=True)
    for case in cases:
        if not is_failure(case):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(case.path, folder / case.name)
        if (sealed / case.name).is_file():
            shutil.copyfile(sealed / case.name, folder / f"{case.number:06}.sealed.pdf")


def is_failure(case):
    return bool(case.faults) or case.outcome in ("hang", "crash") or (case.qualifies and case.outcome != "sealed")


def report(cases, kept):
    """Prints the figures; whether the bar is reached."""
    print("outcome of all files")
    for outcome, count in collections.Counter(case.outcome for case in cases).most_common():
        print(f"  {count:6} {outcome}")
    for title, wanted in (
        ("sealed with a warning", lambda case: case.outcome == "sealed" and case.reason),
        ("refused although they qualify", lambda case: case.outcome == "refused" and case.qualifies),
        ("refused, not qualifying", lambda case: case.outcome == "refused" and not case.qualifies),
    ):
        reasons = collections.Counter(case.reason for case in cases if wanted(case))
        print(f"{title}: {sum(reasons.values())}")
        for reason, count in reasons.most_common():
            print(f"  {count:6} {reason}")
    for case in filter(is_failure, cases):
        print(f"! {case.name} {case.path}: {case.outcome} {case.reason} {'; '.join(case.faults)}")
    counted = [case for case in cases if case.qualifies]
    sealed = [case for case in counted if case.outcome == "sealed"]
    valid = [case for case in sealed if not case.faults]
    share = lambda part: 100 * len(part) / len(counted) if counted else 100.0
    print(f"{len(cases)} files, {len(counted)} qualify")
    print(f"sealed {len(sealed)} ({share(sealed):.2f} %), held valid by all {len(valid)} ({share(valid):.2f} %)")
    unread = sum(case.unread for case in cases)
    if unread:
        print(f"of them pyHanko could not read {unread} as received, and was not counted there")
    broken = sum(case.outcome in ("hang", "crash") for case in cases)
    print(f"hangs and crashes: {broken}")
    if any(map(is_failure, cases)):
        print(f"what failed is kept in {kept}")
    return broken == 0 and share(valid) >= 100 * BAR


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main()
