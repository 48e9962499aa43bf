import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Brings the jars that a row's pom.xml names into a folder, and checks them against the row's
 * dependencies.sha256: Maven has no lock file.
 *
 * <pre>
 * java frameworks/shared/jvm/Fetch.java ROW FOLDER           # fetch and check
 * java frameworks/shared/jvm/Fetch.java --lock ROW FOLDER    # fetch and write the list anew
 * </pre>
 *
 * <p>The list is what {@code sha256sum} prints, by name. FOLDER is emptied of jars first.
 */
public final class Fetch {
    public static void main(String[] arguments) throws Exception {
        boolean isLock = arguments.length == 3 && arguments[0].equals("--lock");
        if (arguments.length != 2 && !isLock) {
            throw new IllegalArgumentException("usage: Fetch.java [--lock] ROW FOLDER");
        }
        Path row = Path.of(arguments[arguments.length - 2]);
        Path folder = Path.of(arguments[arguments.length - 1]).toAbsolutePath();
        for (Path jar : jars(folder)) {
            Files.delete(jar);
        }
        maven(row, folder);
        Path list = row.resolve("dependencies.sha256");
        List<String> fetched = sums(folder);
        if (isLock) {
            Files.write(list, fetched);
        } else {
            compare(Files.readAllLines(list), fetched);
        }
    }

    private static void maven(Path row, Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mvn", "--quiet", "--batch-mode"));
        command.addAll(List.of("-Dstyle.color=never", "--strict-checksums"));
        command.addAll(List.of("--file", row.resolve("pom.xml").toString()));
        command.addAll(List.of("dependency:copy-dependencies", "-DincludeScope=runtime"));
        command.add("-DoutputDirectory=" + folder);
        int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exitCode != 0) {
            fail("mvn ended with " + exitCode);
        }
    }

    private static List<Path> jars(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
    }

    private static List<String> sums(Path folder) throws IOException, NoSuchAlgorithmException {
        List<String> sums = new ArrayList<>();
        for (Path jar : jars(folder)) {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
            sums.add(HexFormat.of().formatHex(sum) + "  " + jar.getFileName());
        }
        return sums;
    }

    private static void compare(List<String> locked, List<String> fetched) {
        Stream<String> missing =
                locked.stream().filter(sum -> !fetched.contains(sum)).map(sum -> "locked:  " + sum);
        Stream<String> other =
                fetched.stream().filter(sum -> !locked.contains(sum)).map(sum -> "fetched: " + sum);
        List<String> differences = Stream.concat(missing, other).toList();
        if (!differences.isEmpty()) {
            fail("not what dependencies.sha256 says:\n" + String.join("\n", differences));
        }
    }

    private static void fail(String reason) {
        System.err.println("fetch: " + reason);
        System.exit(1);
    }
}
