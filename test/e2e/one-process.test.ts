import { describeMainPath } from "./support/main-path.ts";

describeMainPath("one process");
