package dev.parley.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Makes a {@link Census} before each test, passes it to every method that has a parameter of that type, and after the
 * test and its {@code @AfterEach} methods asserts that nothing is left. It asserts nothing after a failed test, since
 * the failure explains what was left.
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

    /** Called by JUnit. */
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
     * Returns true for a method's parameter of the type {@link Census}; a constructor runs before there is a census.
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
