package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Where versions come from. */
class IdentityTest {
    private static final String CLASS_PATH =
            "/build/classes:/build/lib/okhttp-jvm-5.0.1.jar:/build/lib/okhttp-5.1.0.jar"
                    + ":/build/lib/gson-2.jar";

    @Test
    void the_collector_is_known_by_the_names_of_its_threads() {
        List<String> serial = List.of("java", "VM Thread", "C2 CompilerThre");
        assertEquals("serial GC", Memory.collector(serial));
        assertEquals("parallel GC", Memory.collector(List.of("java", "GC Thread#0", "VM Thread")));
        List<String> g1 = List.of("java", "GC Thread#0", "G1 Main Marker", "G1 Conc#0", "G1 Service");
        assertEquals("G1", Memory.collector(g1));
        assertEquals("ZGC", Memory.collector(List.of("java", "ZDirector", "ZDriver", "ZWorker#0")));
        assertEquals("ZGC", Memory.collector(List.of("java", "ZDriverMinor")));
        assertEquals("Shenandoah", Memory.collector(List.of("java", "Shenandoah GC T")));
        assertEquals("unknown collector", Memory.collector(List.of()));
    }

    @Test
    void a_jar_without_pom_properties_has_its_version_in_its_name() {
        assertEquals("5.1.0", Identity.versionOfJar(CLASS_PATH, "okhttp"));
        assertEquals("5.0.1", Identity.versionOfJar(CLASS_PATH, "okhttp-jvm"));
        assertEquals("2", Identity.versionOfJar(CLASS_PATH, "gson"));
        assertNull(Identity.versionOfJar(CLASS_PATH, "ok"));
        assertNull(Identity.versionOfJar("/build/lib/okhttp-.jar", "okhttp"));
    }

    @Test
    void the_version_of_a_jar_of_another_build_tool_is_found_on_the_real_class_path() {
        // JUnit's own jars are on the class path of this test; Gradle builds them, without pom.properties.
        String version = Identity.artifactVersion("org.junit.jupiter", "junit-jupiter-api");
        assertEquals(true, Character.isDigit(version.charAt(0)), version);
    }

    @Test
    void an_artifact_that_is_not_there_is_refused() {
        assertThrows(Refusal.class, () -> Identity.artifactVersion("org.example", "none"));
    }
}
