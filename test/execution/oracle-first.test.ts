import { describeOracle } from "./oracle/suite.ts";

describeOracle({ part: 1, of: 2 });
