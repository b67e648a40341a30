// Shows the operations that hold every word of the search; opens the one named in the address.
"use strict";

const search = document.getElementById("search");
const found = document.getElementById("found");
const operations = [...document.querySelectorAll("details")].map((element) => ({
  element,
  text: element.textContent.toLowerCase(),
}));

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, text } of operations) {
    element.hidden = !words.every((word) => text.includes(word));
    if (!element.hidden) count += 1;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details:not([hidden])");
  }
  found.textContent = words.length ? `${count} of ${operations.length} operations` : "";
}

function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

search.addEventListener("input", show);
window.addEventListener("hashchange", open);
open();
