"use strict";
/*
 * Installs what checks the sources and drives a browser (tools/package.json), unless it is there as the lock file has it.
 *
 * Nobody needs it to start or to test the product, so it is no part of npm ci (docs/decisions/0102-install-size.md).
 */
var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

var lock = path.join(__dirname, "package-lock.json");
/** The lock file that the tools were installed by. */
var installed = path.join(__dirname, "node_modules", "installed-by.json");

module.exports = function installTools() {
  if (fs.existsSync(installed) && fs.readFileSync(installed).equals(fs.readFileSync(lock))) return;
  process.stderr.write("Installing the tools of tools/package.json, once.\n");
  var npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  var args = npm.slice(1).concat(["ci", "--prefix", __dirname, "--ignore-scripts"]);
  if (childProcess.spawnSync(npm[0], args, { stdio: ["ignore", 2, 2] }).status !== 0) {
    process.stderr.write("The tools could not be installed: npm ci --prefix tools\n");
    process.exit(1);
  }
  fs.copyFileSync(lock, installed);
};

if (require.main === module) module.exports();
