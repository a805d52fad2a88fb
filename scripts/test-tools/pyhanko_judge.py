"""pyHanko in one process for many files: each line of standard input is a question, each line of
standard output its answer, both in JSON. An answer that has nothing but `failure` says why the
file could not be judged.

question: file; roots: paths of the certificates to trust; at: the time to judge at, in ISO 8601,
    or null for the time that each signature claims; ades: whether to judge by ETSI EN 319 102-1,
    with revocation; online: whether addresses in certificates may be asked (with ades).
answer: signatures and timeStamps, in the order of the file; of each: valid, said, and with ades
    for signatures the indication and subIndication.
"""

import asyncio
import json
import logging
import sys
from datetime import datetime

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import format_pretty_print_details
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
)
from pyhanko_certvalidator.registry import SimpleTrustManager


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            answer = judged(json.loads(line))
        except Exception as failure:
            answer = {"failure": repr(failure)}
        print(json.dumps(answer), flush=True)


def judged(question):
    roots = [load_cert_from_pemder(root) for root in question["roots"]]
    trust = SimpleTrustManager.build(trust_roots=roots)
    at = question["at"] and datetime.fromisoformat(question["at"])
    with open(question["file"], "rb") as file:
        # Hybrid files are judged too, as readers do.
        reader = PdfFileReader(file, strict=False)
        each = lambda judge, found: [one(judge, signature, trust, at, question) for signature in found]
        return {
            "signatures": each(
                by_ades if question["ades"] else by_chain, reader.embedded_regular_signatures
            ),
            "timeStamps": each(by_time_stamp, reader.embedded_timestamp_signatures),
        }


def one(judge, signature, trust, at, question):
    """A signature that pyHanko gives up on is no reason to be silent of the others."""
    try:
        return judge(signature, trust, at, question)
    except Exception as failure:
        return {"valid": False, "said": repr(failure)}


def by_chain(signature, trust, at, _):
    context = without_revocation(trust, at or signature.self_reported_timestamp)
    status = validate_pdf_signature(signature, signer_validation_context=context)
    return {"valid": status.bottom_line, "said": format_pretty_print_details(status)}


def by_time_stamp(signature, trust, at, _):
    status = validate_pdf_timestamp(signature, without_revocation(trust, at))
    sound = status.intact and status.valid and status.trusted
    permitted = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    untouched = status.modification_level in permitted
    return {"valid": sound and untouched, "said": status.summary()}


def without_revocation(trust, at):
    policy = CertValidationPolicySpec(trust, CertRevTrustPolicy(NO_REVOCATION))
    timing = timing_info(at)
    return ValidationContext(**policy.build_validation_context_kwargs(timing, None))


def by_ades(signature, trust, at, question):
    # Of every certificate that names a responder or a CRL, and so not of the root.
    revocation = CertRevTrustPolicy(
        RevocationCheckingPolicy.from_legacy("hard-fail"),
        freshness=None,
        freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
    )
    online = (
        RevinfoOnlineFetchingRule.ALWAYS_FETCH
        if question["online"]
        else RevinfoOnlineFetchingRule.LOCAL_ONLY
    )
    specification = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            CertValidationPolicySpec(trust, revocation),
            RevocationInfoGatheringSpec(online_fetching_rule=online),
        )
    )
    judging = ades_lta_validation(signature, specification, timing_info=timing_info(at))
    result = asyncio.run(judging)
    status = result.api_status
    return {
        "valid": bool(status and status.bottom_line),
        "said": f"{result.failure_msg}\n{status and format_pretty_print_details(status)}",
        "indication": result.ades_subindic.status.name,
        "subIndication": result.ades_subindic.standard_name,
    }


def timing_info(at):
    if at is None:
        return ValidationTimingInfo.now()
    return ValidationTimingInfo(at, at, point_in_time_validation=True)


main()
