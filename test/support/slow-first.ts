import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders whose files take longest, most of it waiting for processes: begun last, they would be waited for alone. */
const SLOW = ["/test/e2e/", "/test/db/", "/test/tooling/", "/test/execution/", "/main.test.ts"];

/** Begins with the files that take longest. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = SLOW.findIndex((part) => moduleId.includes(part));
      return index < 0 ? SLOW.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
