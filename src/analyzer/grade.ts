import type { Grade } from '../core/result.ts';

const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D'];
/** Publications inside the window that each grade asks for. Source: METHOD §7. */
const PUBLICATIONS = { A: 20, B: 10, C: 5 } as const;

export function gradeOf(publications: number): Grade {
  if (publications >= PUBLICATIONS.A) return 'A';
  if (publications >= PUBLICATIONS.B) return 'B';
  return publications >= PUBLICATIONS.C ? 'C' : 'D';
}

/** One grade lower, D at the lowest. */
export function demoted(grade: Grade): Grade {
  return GRADES[GRADES.indexOf(grade) + 1] ?? 'D';
}

/** The lower of two grades. */
export function lowerGrade(a: Grade, b: Grade): Grade {
  return GRADES.indexOf(a) > GRADES.indexOf(b) ? a : b;
}
