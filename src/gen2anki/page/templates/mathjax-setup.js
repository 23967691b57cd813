/* For formulas that no MathML could be made of: MathJax, which stands below, sets these, and loads nothing. */
window.MathJax = {
  options: { enableMenu: false },
  svg: { fontCache: "none" },
  startup: {
    typeset: false,
    ready() {
      MathJax.startup.defaultReady();
      for (const place of document.querySelectorAll(".tex")) {
        place.replaceChildren(MathJax.tex2svg(place.textContent, { display: place.classList.contains("display") }));
      }
    },
  },
};
