"use strict";
/*
 * After npm ci: takes away from node_modules what nothing here reads (docs/decisions/0102-install-size.md).
 *
 * Never source code, types or licences. Any Node may be the one that reads this, as with run.cjs.
 */
var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

/** Of any package: source maps, static libraries, TypeScript (Node runs none in node_modules), and what its authors read. */
var UNREAD =
  /\.map$|\.a$|^(?!.*\.d\.[cm]?ts$).*\.[cm]?tsx?$|^(readme|changelog|changes|history|contributing)(\.md|\.markdown)?$/i;
/** Folders directly in a package: C headers of Node, manual pages, and tests, examples and pages of its own. */
var UNREAD_FOLDERS = [
  "include",
  "share",
  "test",
  "tests",
  "__tests__",
  "example",
  "examples",
  "docs",
  "benchmark",
  "benchmarks",
];

/** Whether a folder is a package, as opposed to a scope or a folder in one. */
function isPackage(folder) {
  return (
    fs.existsSync(path.join(folder, "package.json")) &&
    /node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(folder)
  );
}

function tidy(folder) {
  var ofPackage = isPackage(folder);
  fs.readdirSync(folder, { withFileTypes: true }).forEach(function visit(entry) {
    var whole = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (ofPackage && UNREAD_FOLDERS.indexOf(entry.name) >= 0) fs.rmSync(whole, { recursive: true });
      else tidy(whole);
    } else if (entry.isFile() && UNREAD.test(entry.name)) fs.unlinkSync(whole);
  });
}

/**
 * Takes the symbols for debuggers out of the pinned Node, where there is `strip`: 17 MB. A copy is stripped, and takes the
 * place of the program only when it runs.
 */
function strip(program) {
  var copy = program + ".stripped";
  try {
    fs.copyFileSync(program, copy);
    childProcess.execFileSync("strip", [copy], { stdio: "ignore" });
    childProcess.execFileSync(copy, ["--version"], { stdio: "ignore" });
    fs.renameSync(copy, program);
  } catch {
    fs.rmSync(copy, { force: true });
  }
}

var modules = path.join(__dirname, "..", "node_modules");
if (fs.rmSync) {
  tidy(modules);
  var node = path.join(modules, "node-" + process.platform + "-" + process.arch, "bin", "node");
  if (fs.existsSync(node)) strip(node);
}
