/** A share as a bar beside its number; the bar adds nothing for those who do not see it. */
export const Bar = ({ share, tone }: { share: number; tone: string }) => (
  <span className="bar" aria-hidden="true" data-tone={tone}>
    <span style={{ width: `${Math.min(1, share) * 100}%` }} />
  </span>
);
