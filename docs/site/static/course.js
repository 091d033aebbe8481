// Opened from a disk, a page may not read other pages: the search then shows titles without their surroundings.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
// The arrows of the side bar have no text for a screen reader.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".bd-links summary")
  .forEach(arrow => arrow.setAttribute("aria-label", "Pages below this one")));
