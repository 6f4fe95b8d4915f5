import { useEffect, useState, type RefObject } from "react";

/** What comes into sight soon is followed already. */
const MARGIN = "200px 0px";

const watchers = new WeakMap<Element, (isOnScreen: boolean) => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) watchers.get(target)?.(isIntersecting);
  },
  { rootMargin: MARGIN },
);

/** True while the element can be seen, or nearly: what nobody sees needs no news. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return undefined;
    watchers.set(watched, setOnScreen);
    observer.observe(watched);
    return () => observer.unobserve(watched);
  }, [element]);
  return isOnScreen;
}
