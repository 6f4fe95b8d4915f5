import { describeMainPath } from "./support/main-path.ts";

describeMainPath("separate processes");
