// Opened from a disk, a page may not read other pages: the search then shows titles without their surroundings.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
// The arrows of the side bar have no text for a screen reader.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".bd-links summary")
  .forEach(arrow => arrow.setAttribute("aria-label", "Pages below this one")));
// From the search one comes to the place of the words, also when it is folded. The theme loads the search on every
// page, and then Sphinx, which takes each page for that of the search, marks no words.
window.addEventListener("load", () => {
  if (location.pathname.endsWith("/search.html")) return;
  SphinxHighlight.highlightSearchWords();
  setTimeout(() => {
    const marked = location.hash ? [] : [...document.querySelectorAll(".bd-article .highlighted")];
    const found = marked.find(word => !/\w$/.test(word.previousSibling?.textContent ?? "")) ?? marked[0];  // not "surfaces"
    for (let fold = found?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    found?.scrollIntoView({ block: "center", behavior: "instant" });
  }, 100);
});
