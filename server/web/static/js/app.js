/* Comforts on top of pages that work without script: one submit at a time, kept drafts, an offline notice.
   Syntax stays within what Chrome 78 reads: no optional chaining, no nullish operator. */
(function () {
  "use strict";

  var DRAFT = "draft:";
  var SENT = "draft-sent";
  var root = document.documentElement;
  root.classList.add("has-js");

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function all(selector, within) { return (within || document).querySelectorAll(selector); }
  function say(text) {
    var live = document.getElementById("live");
    if (live) { live.textContent = text; }
  }

  /* ---- one submit at a time ---- */

  function submitButtons(form) {
    return Array.prototype.filter.call(form.elements, function (el) { return el.type === "submit"; });
  }

  function hold(form, pressed) {
    form.setAttribute("data-submitting", "");
    // Deferred: a button disabled inside the event would drop its own name and value from the request.
    window.setTimeout(function () {
      if (!form.hasAttribute("data-submitting")) { return; }
      submitButtons(form).forEach(function (button) { button.disabled = true; });
      if (pressed && pressed.tagName === "BUTTON") {
        pressed.setAttribute("data-idle", pressed.innerHTML);
        pressed.setAttribute("data-busy", "");
        pressed.textContent = pressed.getAttribute("data-busy-label") || "正在提交…";
        say(pressed.textContent);
      }
      // A download leaves the page where it is, and nothing tells when it has come.
      if (form.hasAttribute("data-download")) { window.setTimeout(function () { release(form); }, 4000); }
    }, 0);
  }

  function release(form) {
    form.removeAttribute("data-submitting");
    submitButtons(form).forEach(function (button) {
      button.disabled = false;
      if (button.hasAttribute("data-idle")) {
        button.innerHTML = button.getAttribute("data-idle");
        button.removeAttribute("data-idle");
        button.removeAttribute("data-busy");
      }
    });
  }

  var lastPressed = null;
  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("button, input[type=submit]") : null;
    lastPressed = button && button.form ? button : null;
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented && !form.hasAttribute("hx-post") && !form.hasAttribute("hx-get")) { return; }
    if (form.hasAttribute("data-submitting")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if ((form.getAttribute("method") || "get").toLowerCase() === "get" && !form.hasAttribute("hx-post")) { return; }
    var pressed = event.submitter || (lastPressed && lastPressed.form === form ? lastPressed : submitButtons(form)[0]);
    keep(form);
    if (draftKey(form)) { write(SENT, draftKey(form)); }
    hold(form, pressed);
  }, true);

  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest ? event.target.closest("form") : null;
    if (form) { release(form); }
  });
  // The back button may show a frozen page whose buttons still wait.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { each(all("form[data-submitting]"), release); }
  });

  /* ---- drafts: kept in this tab, for this person, never for secrets ---- */

  function read(key) { try { return window.sessionStorage.getItem(key); } catch (error) { return null; } }
  function write(key, value) { try { window.sessionStorage.setItem(key, value); } catch (error) { /* full or switched off: the form still works */ } }
  function drop(key) { try { window.sessionStorage.removeItem(key); } catch (error) { /* as above */ } }

  function person() { return document.body.getAttribute("data-person") || ""; }
  function draftKey(form) {
    var name = form.getAttribute("data-draft");
    return name && person() ? DRAFT + person() + ":" + name : "";
  }
  function isKept(field) {
    if (!field.name || field.disabled || field.readOnly || field.closest("[data-no-draft]")) { return false; }
    if (["password", "file", "hidden", "submit", "button", "reset", "image"].indexOf(field.type) >= 0) { return false; }
    return !/one-time-code|password|cc-/.test(field.getAttribute("autocomplete") || "");
  }
  function isChoice(field) { return field.type === "checkbox" || field.type === "radio"; }
  function isUntouched(field) {
    if (isChoice(field)) { return field.checked === field.defaultChecked; }
    if (field.tagName === "SELECT") { return true; }
    return field.value === field.defaultValue;
  }

  function keep(form) {
    var key = draftKey(form);
    if (!key) { return; }
    var kept = [];
    each(form.elements, function (field) {
      if (!isKept(field)) { return; }
      kept.push([field.name, isChoice(field) ? field.value : "", isChoice(field) ? field.checked : field.value]);
    });
    write(key, JSON.stringify(kept));
  }

  function restore(form) {
    var key = draftKey(form);
    var text = key && read(key);
    // A form sent back with faults already holds what was typed.
    if (!text || form.hasAttribute("data-answered")) { return; }
    var kept;
    try { kept = JSON.parse(text); } catch (error) { drop(key); return; }
    var changed = 0;
    kept.forEach(function (row) {
      each(form.elements, function (field) {
        if (field.name !== row[0] || !isKept(field) || !isUntouched(field)) { return; }
        if (isChoice(field)) {
          if (field.value === row[1] && field.checked !== row[2]) { field.checked = row[2]; changed += 1; }
        } else if (typeof row[2] === "string" && row[2] !== field.value) {
          field.value = row[2];
          changed += 1;
        }
      });
    });
    if (changed) { tellRestored(form, key); }
  }

  function tellRestored(form, key) {
    var note = document.createElement("div");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    var text = document.createElement("span");
    text.textContent = "已恢复您上次未提交的内容。";
    var clear = document.createElement("button");
    clear.type = "button";
    clear.className = "button button--quiet";
    clear.textContent = "清除草稿";
    clear.addEventListener("click", function () { drop(key); form.reset(); note.remove(); });
    note.appendChild(text);
    note.appendChild(clear);
    form.insertBefore(note, form.firstChild);
  }

  function forgetDrafts() {
    var mine = DRAFT + person() + ":";
    var sent = read(SENT);
    // Sent, and the answer is a success: the draft has done its work.
    if (sent && document.querySelector(".flash--ok")) { drop(sent); }
    // Only the very next page tells how it went; a later success is about something else.
    drop(SENT);
    if (!person()) { return; }
    // Another person on the same tab never sees what the first one typed.
    try {
      Object.keys(window.sessionStorage).forEach(function (key) {
        if (key.indexOf(DRAFT) === 0 && key.indexOf(mine) !== 0) { drop(key); }
      });
    } catch (error) { /* storage switched off: there is nothing to forget */ }
  }

  var waiting = null;
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (!form || !form.hasAttribute("data-draft")) { return; }
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () { keep(form); }, 300);
  });

  /* ---- the line is down, or an answer failed ---- */

  function showLine() {
    var bar = document.getElementById("offline");
    if (bar) { bar.hidden = navigator.onLine; }
  }
  window.addEventListener("online", showLine);
  window.addEventListener("offline", showLine);

  function showFailure(text) {
    var box = document.getElementById("failure");
    if (!box) { return; }
    box.querySelector("[data-text]").textContent = text;
    box.hidden = false;
    say(text);
  }
  document.addEventListener("htmx:sendError", function () { showFailure("网络没有连上，您的内容还在本页，请稍后重试。"); });
  document.addEventListener("htmx:timeout", function () { showFailure("等待时间过长，请稍后重试。"); });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (status === 401) { window.location.reload(); return; }
    showFailure(status === 429 ? "操作太频繁，请稍候再试。" : "没有完成，请重试；仍不行时请联系本单位资产管理员。");
  });
  document.addEventListener("click", function (event) {
    var pressed = event.target.closest ? event.target.closest("[data-retry], [data-back], [data-print], [data-close]") : null;
    if (!pressed) { return; }
    if (pressed.hasAttribute("data-retry")) { window.location.reload(); }
    if (pressed.hasAttribute("data-back")) { window.history.back(); }
    if (pressed.hasAttribute("data-print")) { window.print(); }
    if (pressed.hasAttribute("data-close")) { pressed.closest("[data-closable]").hidden = true; }
  });

  /* ---- signing with a finger: what is drawn becomes the file of the field beside it ---- */

  function signable(box) {
    var pad = box.querySelector("canvas");
    var field = box.querySelector("input[type=file]");
    var pen = pad.getContext("2d");
    var last = null;

    function wipe() {
      // A ground of its own: without it the picture would be black on black once re-encoded.
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, pad.width, pad.height);
      field.value = "";
    }
    function at(event) {
      var edge = pad.getBoundingClientRect();
      return {
        x: (event.clientX - edge.left) * pad.width / edge.width,
        y: (event.clientY - edge.top) * pad.height / edge.height
      };
    }
    function keep() {
      pad.toBlob(function (picture) {
        var files = new DataTransfer();
        files.items.add(new File([picture], "signature.png", { type: "image/png" }));
        field.files = files.files;
      }, "image/png");
    }
    function end() { if (last) { last = null; keep(); } }

    pad.addEventListener("pointerdown", function (event) {
      last = at(event);
      pad.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    pad.addEventListener("pointermove", function (event) {
      if (!last) { return; }
      var here = at(event);
      pen.strokeStyle = "#111";
      pen.lineWidth = 4;
      pen.lineCap = "round";
      pen.beginPath();
      pen.moveTo(last.x, last.y);
      pen.lineTo(here.x, here.y);
      pen.stroke();
      last = here;
    });
    pad.addEventListener("pointerup", end);
    pad.addEventListener("pointercancel", end);
    box.querySelector("[data-signature-clear]").addEventListener("click", wipe);
    wipe();
  }

  /* ---- small things ---- */

  // A menu closes when attention goes elsewhere; without script a second press closes it.
  document.addEventListener("click", function (event) {
    each(all("details.me[open]"), function (menu) { if (!menu.contains(event.target)) { menu.open = false; } });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    each(all("details.me[open]"), function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
  });
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.hasAttribute("data-pick-all")) {
      each(all("[data-pick]", box.closest("table")), function (each_) { each_.checked = box.checked; mark(each_); });
    } else if (box.hasAttribute("data-pick")) { mark(box); }
  });
  function mark(box) { box.closest("tr").setAttribute("aria-selected", box.checked ? "true" : "false"); }

  function start() {
    each(all("[data-needs-js]"), function (el) { el.hidden = false; });
    forgetDrafts();
    each(all("form[data-draft]"), restore);
    each(all("[data-signature]"), signable);
    showLine();
    var summary = document.querySelector("[data-error-summary]");
    if (summary) { summary.focus(); }
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
}());
