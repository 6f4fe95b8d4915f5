import { describeOracle } from "./oracle/suite.ts";

describeOracle({ part: 2, of: 2 });
