// Comfort only: every page works without this file.
"use strict";
for (const form of document.querySelectorAll("form.filters")) {
  // An address without empty fields is one that people can read and share.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
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
