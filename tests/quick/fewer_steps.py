"""Makes notebooks quick to test: descents of many steps make a few.

A kernel runs this file first when the environment variable PYTHONSTARTUP names it. From then on the numbers
of steps in every cell are lowered before it runs. What a notebook prints is compared as ever: the statements
that it depends on make as many steps as it needs.
"""

import ast
import logging
import warnings

FEW = 3
# Words of the statements that a printed result depends on, and the steps that it needs
NEEDED = {
    "SEEDS =": 1,
    "STEPS = 60": 10,
    "STEPS = 200": 20,
    "watch_curve": 20,
    "settings = {'steps'": 20,
    "def rebuild(": 6,
    "rebuild(china": 6,
    "small_noisy, steps=30": 20,
    "every=5": 30,
    "library = nst.stylize": 6,
    "optimizer=name": 20,
    "both[name] = nst.stylize": 10,
    "initial=start": 15,
    "content_layers=[layer]": 12,
    "style_layers=layers": 12,
}


def numbers_of_steps(statement):
    """Yield the nodes of the source that say how many steps a descent makes."""
    for node in ast.walk(statement):
        match node:
            case ast.keyword("steps", value) | ast.Assign([ast.Name("STEPS" | "SEEDS")], value):
                yield value
            case ast.Dict(keys, values):
                named = zip(keys, values, strict=True)
                yield from (value for key, value in named if key and ast.unparse(key) == "'steps'")
            case ast.arguments(args=parameters, defaults=defaults):
                named = zip(parameters[::-1], defaults[::-1], strict=False)
                yield from (default for parameter, default in named if parameter.arg == "steps")
            case ast.For(iter=ast.Call(args=[value]), body=[ast.Expr(ast.Call(ast.Name("step")))]):
                yield value


class FewerSteps(ast.NodeTransformer):
    """Lowers the numbers of steps in a cell."""

    def visit_Module(self, node):  # noqa: N802
        for statement in node.body:
            text = ast.unparse(statement)
            most = max((steps for words, steps in NEEDED.items() if words in text), default=FEW)
            for number in numbers_of_steps(statement):
                if isinstance(number, ast.Constant):
                    number.value = min(number.value, most)
            for part in ast.walk(statement):
                match part:
                    case ast.keyword("steps", ast.Name(name)):  # computed in the cell
                        part.value = ast.parse(f"min({name}, {most})", mode="eval").body
        return node


# TensorFlow would print that functions are traced anew after few calls
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
# Few steps may lower nothing, and a run says so
warnings.filterwarnings("ignore", "No step lowered the loss")
get_ipython().ast_transformers.append(FewerSteps())  # noqa: F821
