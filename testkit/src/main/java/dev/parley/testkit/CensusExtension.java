package dev.parley.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Makes a {@link Census} before each test, passes it to every method that has a parameter of the type {@code Census},
 * and asserts after the test and its {@code @AfterEach} methods that nothing is left. If the test has failed, this
 * extension does not assert anything, since the test's failure explains why something may be left. Instead it adds the
 * failures of the census to the test's exception.
 *
 * {@snippet :
 * @ExtendWith(CensusExtension.class)
 * class GreeterTest {
 *     @Test
 *     void greets(Census census) throws Exception {
 *         try (var loop = census.startLoop(EventLoop.builder())) {
 *             loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 *         }
 *     }
 * }
 * }
 */
public final class CensusExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(CensusExtension.class);

    /** Makes an extension. JUnit calls this constructor. */
    public CensusExtension() {}

    private static Census censusOf(ExtensionContext context) {
        return context.getStore(NAMESPACE).computeIfAbsent(Census.class, type -> new Census(), Census.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        censusOf(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Census census = censusOf(context);
        Throwable failed = context.getExecutionException().orElse(null);
        if (failed == null) {
            census.assertNothingLeft();
        } else {
            census.addFailuresTo(failed);
        }
    }

    /**
     * Returns true for a parameter of the type {@link Census} of a method. Returns false for a constructor, since it
     * runs before there is a census.
     */
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Census.class
                && context.getTestMethod().isPresent();
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return censusOf(context);
    }
}
