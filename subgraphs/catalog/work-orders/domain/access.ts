/** Who may do what with a work order. Departments are known by name. */
export interface Person {
  role: "operator" | "supervisor" | "admin";
  departments: readonly string[];
}

export const isPlanner = ({ role }: Person): boolean => role !== "operator";

/** Operators see and work on what is at a stage of their own departments; everybody else on everything. */
export const worksAt = (person: Person, department: string): boolean =>
  isPlanner(person) || person.departments.includes(department);

/** Why the person may not take an action of this kind, as a sentence; undefined when they may. */
export function denialOf(
  person: Person,
  by: "planners" | "stage",
  stage: { name: string; department: string },
): string | undefined {
  if (by === "planners")
    return isPlanner(person) ? undefined : "Only a supervisor or an administrator may do this";
  if (worksAt(person, stage.department)) return undefined;
  return person.departments.length === 0
    ? "Your account belongs to no department; ask an administrator to add you to one"
    : `Stage ${JSON.stringify(stage.name)} is the work of department ${JSON.stringify(stage.department)}, which is not yours`;
}
