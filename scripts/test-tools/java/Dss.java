import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.policy.ValidationPolicy;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;
import java.io.File;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/** EU DSS with its default policy (ETSI EN 319 102-1): what are the signatures of a file worth? */
final class Dss {
    private static final ValidationPolicy POLICY =
            ValidationPolicyLoader.fromDefaultValidationPolicy().create();

    /** The signatures in the order of the file, then the document time-stamps. */
    record Answer(List<Token> signatures, List<Token> timeStamps) {}

    /**
     * A signature or a time-stamp.
     *
     * @param level as in "PAdES-BASELINE-B"; null for a time-stamp
     * @param indication as in "TOTAL_PASSED" (of a time-stamp "PASSED")
     * @param subIndication as in "TRY_LATER"; null where nothing is missing
     * @param timeStamps the time-stamps that a signature relies on
     */
    record Token(String level, Indication indication, SubIndication subIndication,
            List<String> errors, List<String> warnings, List<Token> timeStamps) {}

    static Answer judge(Judges.Question question) {
        var validator = SignedDocumentValidator.fromDocument(new FileDocument(question.file()));
        validator.setCertificateVerifier(verifier(question));
        if (question.at() != null) {
            validator.setValidationTime(Date.from(Instant.parse(question.at())));
        }
        SimpleReport report = validator.validateDocument(POLICY).getSimpleReport();
        return new Answer(
                report.getSignatureIdList().stream().map(id -> signature(report, id)).toList(),
                report.getTimestampIdList().stream().map(id -> token(report, id, null, List.of())).toList());
    }

    private static CertificateVerifier verifier(Judges.Question question) {
        var trusted = new CommonTrustedCertificateSource();
        for (String root : question.roots()) {
            trusted.addCertificate(DSSUtils.loadCertificate(new File(root)));
        }
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        boolean online = question.online();
        verifier.setAIASource(online ? new DefaultAIASource() : null);
        verifier.setOcspSource(online ? new OnlineOCSPSource() : null);
        verifier.setCrlSource(online ? new OnlineCRLSource() : null);
        return verifier;
    }

    private static Token signature(SimpleReport report, String id) {
        var timeStamps = report.getSignatureTimestamps(id).stream()
                .map(stamp -> token(report, stamp.getId(), null, List.of())).toList();
        return token(report, id, report.getSignatureFormat(id).toString(), timeStamps);
    }

    private static Token token(SimpleReport report, String id, String level, List<Token> timeStamps) {
        return new Token(level, report.getIndication(id), report.getSubIndication(id),
                texts(report.getAdESValidationErrors(id)),
                texts(report.getAdESValidationWarnings(id)), timeStamps);
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::getValue).toList();
    }
}
