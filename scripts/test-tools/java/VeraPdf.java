import java.io.File;
import java.util.List;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** veraPDF: does a file keep the PDF/A profile that it names itself? */
final class VeraPdf {
    static {
        VeraGreenfieldFoundryProvider.initialise();
    }

    /**
     * @param profile the part and level that the file claims, as in "2b"; null if it claims none
     * @param conforming whether it keeps it
     * @param failed what it breaks: clause, test, message and place, one text each
     */
    record Answer(String profile, boolean conforming, List<String> failed) {}

    static Answer judge(Judges.Question question) throws Exception {
        try (var parser = Foundries.defaultInstance().createParser(new File(question.file()))) {
            List<PDFAFlavour> claimed = parser.getFlavours();
            if (claimed.isEmpty() || claimed.get(0) == PDFAFlavour.NO_FLAVOUR) {
                return new Answer(null, false, List.of());
            }
            PDFAFlavour profile = claimed.get(0);
            try (var validator = Foundries.defaultInstance().createValidator(profile, false)) {
                var result = validator.validate(parser);
                var failed = result.getTestAssertions().stream().map(VeraPdf::said).toList();
                return new Answer(profile.getId(), result.isCompliant(), failed);
            }
        }
    }

    private static String said(TestAssertion failed) {
        RuleId rule = failed.getRuleId();
        return "%s-%d: %s @ %s".formatted(rule.getClause(), rule.getTestNumber(),
                failed.getMessage(), failed.getLocation().getContext());
    }
}
