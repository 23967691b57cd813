"""Formulas in the MathJax that Anki ships, in Chromium: it sets what `findings` lets pass, and nothing that it reports.

All are set in one page: faulty ones first, as a formula may define commands for those behind it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from browsers import NoBrowserError, chromium
from frames import DROID, served, web_files
from selenium.webdriver import Chrome

import formulas
from conftest import missing
from gen2anki.diagnostics.codes import Code
from gen2anki.math.formulas import findings
from gen2anki.math.mathjax.tables import TABLES

# Sets each formula, and returns what is wrong with what is shown, and its text.
_SET: Final = r"""
const [formulas, done] = arguments;
(async () => {
  const shown = [];
  for (const latex of formulas) {
    const place = document.createElement('div');
    place.textContent = '\\[' + latex + '\\]';
    document.body.replaceChildren(place);
    let fault = '';
    try {
      await MathJax.typesetPromise([place]);
    } catch (error) {
      fault = error.message;
    }
    const red = place.querySelector('mjx-merror, mjx-mtext[style*="red"], [data-mjx-error]');
    if (red) fault = red.getAttribute('data-mjx-error') || 'red';
    if (!place.querySelector('mjx-container')) fault = 'not set';
    shown.push([fault, place.textContent]);
    MathJax.typesetClear([place]);
  }
  done(shown);
})();
"""
_NAMES: Final = """
const handlers = MathJax.startup.document.inputJax[0].parseOptions.handlers;
const names = kind => {
  const found = [];
  for (const {item} of handlers.get(kind)._configuration.items) {
    const keys = [...(item.map || new Map()).keys()];
    // A map of delimiters has commands with their backslash.
    const isDelimiters = kind === 'macro' && keys.some(name => name[0] === '\\\\' && name.length > 1);
    found.push(...(isDelimiters ? keys.filter(name => name[0] === '\\\\').map(name => name.slice(1)) : keys));
  }
  return found;
};
return [names('macro'), names('environment'), names('delimiter')];
"""


@pytest.fixture(scope="module")
def mathjax(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Return a page with Anki's MathJax, set up as Anki does."""
    web = web_files()
    if web is None:
        missing("Anki's web files are not installed (pip install --no-deps aqt)")
        raise AssertionError
    try:
        with served([], web, Path(tmp_path_factory.mktemp("media"))) as address, chromium(412, 915) as browser:
            browser.get(f"{address}/frame/{DROID.name}")
            browser.execute_async_script("MathJax.startup.promise.then(arguments[0])")
            yield browser
    except NoBrowserError as error:
        missing(str(error))


def _set(browser: Chrome, latex: list[str]) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = browser.execute_async_script(_SET, latex)
    return made


def test_the_tables_are_those_of_ankis_mathjax(mathjax: Chrome) -> None:
    """Each command, environment and delimiter of the one is in the other; but what stops it in Anki."""
    macros, environments, delimiters = mathjax.execute_script(_NAMES)
    stopped = {"adjustlimits", "prescript", "toggle", "empheql", "empheqr"}
    assert set(macros) - stopped | {" "} == TABLES.commands.keys()
    assert set(environments) == TABLES.environments.keys()
    assert set(delimiters) == TABLES.delimiters


def test_faulty_formulas_are_shown_wrong(mathjax: Chrome) -> None:
    """What `findings` reports is an error in MathJax, red, or shown as the table says."""
    wrong = formulas.wrong()
    shown = _set(mathjax, [formula.latex for formula in wrong])
    unlike = [
        (formula.latex, text)
        for formula, (fault, text) in zip(wrong, shown, strict=True)
        if not fault and (not formula.shown or text != formula.shown)
    ]
    assert unlike == []


def test_right_formulas_are_set(mathjax: Chrome) -> None:
    """Not one of the formulas of courses is an error, or red."""
    right = formulas.right()
    shown = _set(mathjax, right)
    assert [(latex, fault) for latex, (fault, _) in zip(right, shown, strict=True) if fault] == []


def test_random_formulas_are_judged_alike(mathjax: Chrome) -> None:
    """Formulas made of all commands, whole and broken: MathJax sets those that `findings` lets pass, and no others."""
    made = formulas.Random(20)
    latex = [made.formula() for _ in range(300)] + [made.broken() for _ in range(300)]
    # What words show otherwise than it is meant is no error to MathJax.
    found = [[finding.code for finding in findings(formula, display=True)] for formula in latex]
    judged = [any(code != Code.MATH_TEXT for code in codes) for codes in found]
    shown = _set(mathjax, latex)
    unlike = [
        (formula, fault)
        for formula, is_refused, (fault, _) in zip(latex, judged, shown, strict=True)
        if is_refused != bool(fault)
    ]
    assert unlike == []
    assert 100 < sum(judged) < 500
