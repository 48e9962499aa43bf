package loopmark;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Properties;
import java.util.Set;

/**
 * What a runner is made of, and what it offers.
 *
 * @param framework the framework's name, as its artifact is called
 * @param version the framework's version
 * @param httpClient the HTTP client and its version
 * @param offers what the runner can do beyond plain runs
 */
public record Identity(String framework, String version, String httpClient, Set<Feature> offers) {

    /** An identity, with what the runner offers in any order. */
    public static Identity of(
            String framework, String version, String httpClient, Feature... offers) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(Set.of(offers));
        return new Identity(framework, version, httpClient, features);
    }

    /** The version of the Java that runs, which is the version of what the JDK brings. */
    public static String javaVersion() {
        return System.getProperty("java.version");
    }

    /**
     * The version of an artifact on the class path: as Maven wrote it into the jar, or, for jars of
     * other build tools, as the jar is called in a repository ({@code okhttp-5.1.0.jar}).
     *
     * @throws Refusal if there is no such artifact
     */
    public static String artifactVersion(String group, String artifact) {
        String resource = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream file = Identity.class.getResourceAsStream(resource)) {
            if (file != null) {
                Properties properties = new Properties();
                properties.load(file);
                return properties.getProperty("version");
            }
        } catch (IOException e) {
            throw new Refusal("can't read " + resource + ": " + e);
        }
        String version = versionOfJar(System.getProperty("java.class.path"), artifact);
        if (version == null) {
            throw new Refusal(group + ":" + artifact + " is not on the class path");
        }
        return version;
    }

    /**
     * The version in the name of an artifact's jar; null if no jar of the class path is called so.
     * {@code okhttp-jvm-5.1.0.jar} is not one of {@code okhttp}: a version begins with a digit.
     */
    static String versionOfJar(String classPath, String artifact) {
        for (String entry : classPath.split(File.pathSeparator)) {
            String name = Path.of(entry).getFileName().toString();
            if (!name.startsWith(artifact + "-") || !name.endsWith(".jar")) {
                continue;
            }
            String version =
                    name.substring(artifact.length() + 1, name.length() - ".jar".length());
            if (!version.isEmpty() && Character.isDigit(version.charAt(0))) {
                return version;
            }
        }
        return null;
    }
}
