package loopmark;

/** An agent that does one run after another, or many at once, each on a thread of its own. */
@FunctionalInterface
public interface Agent {
    /**
     * One run: the whole agent loop on a fresh conversation, from the prompt to the final answer.
     *
     * <p>An interrupt of the calling thread asks the run to end early.
     */
    String run(String prompt) throws Exception;

    /** Makes agents on what they share: the HTTP client, the tools' data. */
    @FunctionalInterface
    interface Factory {
        /** One more agent, of which each run uses one. */
        Agent create() throws Exception;
    }

    /** Makes what a runner's agents share. */
    @FunctionalInterface
    interface Build {
        /**
         * Is called once, before {@code ready}.
         *
         * @throws Refusal if the hello can't be served
         */
        Factory build(Hello hello) throws Exception;
    }
}
