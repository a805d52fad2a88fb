import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * The judges that are written in Java, in one process for many files: each line of standard input
 * is a {@link Question}, each line of standard output its answer, both in JSON. An answer that has
 * nothing but {@code failure} says why the judge could not judge.
 */
final class Judges {
    /**
     * @param judge "dss" or "verapdf"
     * @param file the path of the PDF
     * @param roots the paths of the certificates to trust (dss)
     * @param at the time to judge at, in ISO 8601; null is now (dss)
     * @param online whether addresses in certificates may be asked (dss)
     */
    record Question(String judge, String file, String[] roots, String at, boolean online) {}

    record Failure(String failure) {}

    public static void main(String[] arguments) throws IOException {
        LogManager.getLogManager().reset();
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // Whatever a library prints is no answer.
        Gson json = new GsonBuilder().disableHtmlEscaping().create();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            answers.println(json.toJson(answer(json.fromJson(line, Question.class))));
        }
    }

    private static Object answer(Question question) {
        try {
            return switch (question.judge()) {
                case "dss" -> Dss.judge(question);
                case "verapdf" -> VeraPdf.judge(question);
                default -> new Failure("no such judge: " + question.judge());
            };
        } catch (Exception | LinkageError failure) {
            return new Failure(failure.toString());
        }
    }
}
