/** All rules at once, over a list of files. */
import { checkImports, checkManifests } from './arrows.ts';
import { checkCircles } from './circles.ts';
import { type Exception, exceptions, type SourceFile, type Violation } from './house.ts';
import { checkManners } from './manners.ts';
import { isModule, type ModuleFacts, readModule } from './module-facts.ts';

export interface Verdict {
  violations: readonly Violation[];
  /** Exceptions that excuse nothing: they are to be removed. */
  unneeded: readonly Exception[];
}

/** `read` may remember what it read: a module's facts depend on its source alone. */
export function checkHouse(
  files: readonly SourceFile[],
  read: (source: SourceFile) => ModuleFacts = readModule,
): Verdict {
  const modules = files.filter(({ file }) => isModule(file)).map(read);
  const found = [
    ...checkImports(modules, files),
    ...checkManifests(files),
    ...checkCircles(modules),
    ...checkManners(modules),
  ];
  const excuses =
    ({ rule, file }: Violation) =>
    (exception: Exception) =>
      exception.rule === rule && (file === exception.file || file.startsWith(`${exception.file}/`));
  return {
    violations: found.filter((violation) => !exceptions.some(excuses(violation))),
    unneeded: exceptions.filter((exception) => !found.some((violation) => excuses(violation)(exception))),
  };
}
