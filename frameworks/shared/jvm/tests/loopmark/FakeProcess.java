package loopmark;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs {@link FakeRunner} in a process of its own, with artifacts whose versions are made up. */
final class FakeProcess {
    private static final Path ARTIFACTS = artifacts();

    private FakeProcess() {}

    /** A process that has come to its end. */
    record Ended(int exitCode, String stdout, String stderr) {
        List<Map<?, ?>> messages() {
            return stdout.lines().<Map<?, ?>>map(line -> (Map<?, ?>) Json.parse(line)).toList();
        }
    }

    /** Writes lines to the runner and closes its input. */
    static Ended run(String... lines) {
        return runWith(Map.of(), List.of(), lines);
    }

    static Ended runWith(Map<String, String> environment, List<String> arguments, String... lines) {
        try {
            Process process = start(environment, arguments);
            CompletableFuture<String> stdout = read(process.getInputStream()::readAllBytes);
            CompletableFuture<String> stderr = read(process.getErrorStream()::readAllBytes);
            try (var stdin = process.getOutputStream()) {
                for (String line : lines) {
                    stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException gone) {
                // A runner that refuses a line doesn't read the next one.
            }
            if (!process.waitFor(10, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("the fake runner does not end");
            }
            return new Ended(process.exitValue(), stdout.join(), stderr.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Process start(Map<String, String> environment, List<String> arguments) throws IOException {
        String classPath =
                Stream.of(Runner.class, FakeRunner.class, ObjectMapper.class, JsonFactory.class, JsonFormat.class)
                        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                        .map(FakeProcess::path)
                        .collect(Collectors.joining(":", "", ":" + ARTIFACTS));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-cp", classPath, "loopmark.FakeRunner"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String path(java.net.URL location) {
        try {
            return Path.of(location.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @FunctionalInterface
    private interface Reading {
        byte[] all() throws IOException;
    }

    private static CompletableFuture<String> read(Reading reading) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new String(reading.all(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static Path artifacts() {
        try {
            Path folder = Files.createTempDirectory("loopmark-artifacts");
            Map<String, String> versions = Map.of("fake-agent", "1.2.3", "fake-http", "4.5");
            for (Map.Entry<String, String> artifact : versions.entrySet()) {
                Path maven = folder.resolve("META-INF/maven/fake").resolve(artifact.getKey());
                Files.createDirectories(maven);
                Files.writeString(maven.resolve("pom.properties"), "version=" + artifact.getValue() + "\n");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code CLOCK_MONOTONIC} as another language reads it. */
    static long pythonsMonotonicNs() throws IOException {
        String script = "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))";
        Process python = new ProcessBuilder("python3", "-c", script).start();
        return Long.parseLong(new String(python.getInputStream().readAllBytes()).strip());
    }
}
