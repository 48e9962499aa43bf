package loopmark;

/** A reason to serve no further: the runner says it on standard error and exits with 1. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A refusal with its reason, a sentence. */
    public Refusal(String reason) {
        super(reason);
    }
}
