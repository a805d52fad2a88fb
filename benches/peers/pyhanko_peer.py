"""What pyHanko needs for a seal: FILE.pdf KEY.pem CERT.pem CHAIN.pem OUT SECONDS.

Reads, signs and writes the file again and again for so many seconds of CPU time, and prints the
nanoseconds of one time and the most memory that was held, in KiB.
"""

import resource
import sys
import time

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter


def main(file, key, certificate, chain, out, seconds):
    signer = signers.SimpleSigner.load(key, certificate, ca_chain_files=[chain], prefer_pss=True)
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )

    def seal():
        with open(file, "rb") as source, open(out, "w+b") as target:
            signers.sign_pdf(IncrementalPdfFileWriter(source), metadata, signer, output=target)

    seal()  # The first time is not counted.
    begin = time.process_time()
    runs = 0
    while runs == 0 or time.process_time() - begin < float(seconds):
        seal()
        runs += 1
    nanoseconds = (time.process_time() - begin) / runs * 1e9
    print(round(nanoseconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


main(*sys.argv[1:])
