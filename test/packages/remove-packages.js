const fs = require("node:fs");

module.exports = () => {
  fs.rmSync(`${process.env.TUTUM_PACKAGES_FOLDER}`, { recursive: true, force: true });
};
