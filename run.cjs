"use strict";
/*
 * Runs a file of ours, or an installed command, on the pinned Node: `node run.cjs standalone.ts`, `node run.cjs tsc`.
 * Options before its name are Node's: `node run.cjs --cpu-prof standalone.ts`.
 *
 * The bin link `node` in node_modules/.bin is not trusted: npm 10 takes it away again (docs/decisions/0100-launcher.md).
 * Any Node may be the one that reads this, so it is written in the JavaScript that old ones know.
 */
var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

/** The oldest Node that `npm ci` works on, and the oldest that our TypeScript runs on without the pinned one. */
var OLDEST = [20, 19];
var OLDEST_RUNTIME = 24;

var modules = path.join(__dirname, "node_modules");
var pinned = path.join(modules, "node-" + process.platform + "-" + process.arch, "bin", "node");
/** Commands of tools/package.json; oxlint looks for its type-aware half on the PATH. */
var toolCommands = path.join(__dirname, "tools", "node_modules", ".bin");
var version = process.versions.node.split(".").map(Number);

function refuse(problem) {
  process.stderr.write(problem + "\n");
  process.exit(1);
}

if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1]))
  refuse(
    "Node " +
      process.versions.node +
      " is too old for npm ci: install Node " +
      OLDEST.join(".") +
      " or later.",
  );
if (!fs.existsSync(path.join(modules, ".bin"))) refuse("Nothing is installed here yet: run npm ci first.");

/**
 * A TypeScript file of ours stays as it is; any other name is a command that npm installed, here or among the tools, which
 * are installed when the first of them is run.
 */
function fileOf(name) {
  if (name.slice(-3) === ".ts") return path.join(__dirname, name);
  var installed = path.join(modules, ".bin", name);
  if (fs.existsSync(installed)) return fs.realpathSync(installed);
  require("./tools/install.cjs")();
  return fs.realpathSync(path.join(toolCommands, name));
}

/** Runs everything on one Node; what it starts in turn (`#!/usr/bin/env node`) finds the same one. */
function runOn(node, otherwise) {
  var variables = Object.assign({}, process.env);
  variables.PATH = [path.dirname(node), process.env.PATH || "", toolCommands].join(path.delimiter);
  // What was stripped and compiled once is not done again: half of a second start.
  if (variables.NODE_COMPILE_CACHE === undefined)
    variables.NODE_COMPILE_CACHE = path.join(modules, ".cache", "compiled");
  var given = process.argv.slice(2);
  var options = [];
  while (given.length > 0 && given[0].slice(0, 2) === "--") options.push(given.shift());
  var args = options.concat(fileOf(given[0]), given.slice(1));
  var child = childProcess.spawn(node, args, { stdio: "inherit", env: variables });
  child.on("error", otherwise);
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function forward(signal) {
    // Ctrl-C reaches everybody at a terminal by itself.
    process.on(signal, function pass() {
      if (!(signal === "SIGINT" && process.stdin.isTTY)) child.kill(signal);
    });
  });
  child.on("exit", function leave(code, signal) {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** No package for this machine, or one whose program does not run here (musl): our own Node, if it is new enough. */
function runOnOwn() {
  if (version[0] < OLDEST_RUNTIME)
    refuse(
      "There is no Node " +
        OLDEST_RUNTIME +
        " here, and this one is " +
        process.versions.node +
        ": on Linux with" +
        " glibc npm ci installs it, elsewhere (or with --omit=optional) install Node " +
        OLDEST_RUNTIME +
        " or later.",
    );
  runOn(process.execPath, function fail(error) {
    refuse(error.message);
  });
}

if (fs.existsSync(pinned)) runOn(pinned, runOnOwn);
else runOnOwn();
