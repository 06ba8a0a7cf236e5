// Comfort only: every page works without this file.
"use strict";
for (const form of document.querySelectorAll("form.filters")) {
  // An address without empty fields is one that people can read and share.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
for (const fold of document.querySelectorAll("details[data-fold]")) {
  // On a phone the list comes first: the filters fold away, unless they are in use.
  if (matchMedia("(max-width: 760px)").matches && !fold.dataset.fold) fold.open = false;
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); button.textContent = "Copied"; } catch { button.textContent = "Press Ctrl+C"; }
  });
}
for (const field of document.querySelectorAll("input[type=range]")) {
  const shown = field.form.querySelector(`output[for="${field.id}"]`);
  const sum = field.form.querySelector("[data-sum]");
  const show = () => {
    if (shown) shown.value = field.value;
    if (sum) sum.textContent = [...field.form.querySelectorAll("[data-weight]")].reduce((all, one) => all + Number(one.value), 0);
  };
  field.addEventListener("input", show);
  show();
}
const tip = document.createElement("p");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true"); // the link itself is named
document.body.append(tip);
for (const point of document.querySelectorAll("svg a")) {
  // At once and by keyboard too; the browser's own hint comes late and for the mouse only.
  const title = point.querySelector("title");
  if (!title) continue;
  const words = title.textContent;
  const show = () => {
    const box = point.getBoundingClientRect();
    title.textContent = "";
    tip.textContent = words;
    tip.hidden = false;
    tip.style.left = `${Math.max(4, Math.min(box.right + 8, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(4, box.top - tip.offsetHeight - 4)}px`;
  };
  const hide = () => { tip.hidden = true; title.textContent = words; };
  for (const name of ["pointerenter", "focus"]) point.addEventListener(name, show);
  for (const name of ["pointerleave", "blur"]) point.addEventListener(name, hide);
}
