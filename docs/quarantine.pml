/* The life of one quarantine: a public model of what Cordon promises, for Spin (https://spinroot.com).

     spin -run -a -f -ltl rests docs/quarantine.pml     (also: contained, released, kept)

   A containment, a release, an ordered step and the watcher share one record, whose every change is
   conditional (here: one atomic step), and an instance that they change by calls of their own.
   Each may die between any two steps: its lease then lapses. An intruder with rights in the account
   may let the instance out. Each `move` below is a line of the table that the search in tests/explore
   is held against: what it saw a record do is a move of this model. */

#define DEATHS 2                       /* of workers, at any place */
#define UNDOS 1                        /* of the intruder */

mtype = { NONE, CONTAINING, CONTAINED, RELEASING, RELEASED };  /* the record */
mtype = { OPEN, HOP, DENIED };                                  /* the instance's groups */

mtype record = NONE;
mtype groups = OPEN;
bool leased = false;                   /* somebody may be changing the instance */
bool remembered = false;               /* the original groups are on record */
byte deaths = DEATHS, undos = UNDOS;

#define move(from, to)  d_step { assert(record == from); record = to }
#define take_lease      leased = true
#define lapse           leased = false  /* also that of who died: nobody waits for ever */

inline may_die() {
  if
  :: atomic { deaths > 0 -> deaths--; lapse; goto dead }
  :: skip
  fi
}

/* Deny, hop, deny, and read back: contained is said of what was seen. */
inline cut() {
  assert(leased && remembered);
  groups = DENIED;
  may_die();
  groups = HOP;                        /* ends connections from before */
  may_die();
  groups = DENIED;
  may_die()
}

inline give_back() {
  assert(leased && remembered && record == RELEASING);
  groups = OPEN;
  may_die()
}

inline finish_cut() {
  if
  :: atomic { groups == DENIED && record == CONTAINING -> move(CONTAINING, CONTAINED); lapse }
  :: atomic { groups == DENIED && record == CONTAINED  -> move(CONTAINED, CONTAINED); lapse }
  :: atomic { groups != DENIED -> lapse }        /* the intruder was quicker: the watcher sees it */
  fi
}

inline finish_release() {
  atomic { assert(groups == OPEN); move(RELEASING, RELEASED); lapse }
}

active proctype containment() {
  if
  :: atomic { record == NONE -> remembered = true; move(NONE, CONTAINING); take_lease }
  :: atomic { record == RELEASED -> move(RELEASED, CONTAINING); take_lease }   /* a newer finding */
  :: atomic { !leased && record == CONTAINING -> move(CONTAINING, CONTAINING); take_lease }
  fi;
  may_die();
  cut();
  finish_cut();
dead: skip
}

active proctype releases() {
  if
  :: atomic { !leased && record == CONTAINED  -> move(CONTAINED, RELEASING); take_lease }
  :: atomic { !leased && record == CONTAINING -> move(CONTAINING, RELEASING); take_lease }
  :: atomic { record == RELEASED -> goto dead }
  :: true -> goto dead                           /* nobody asks for one */
  fi;
  may_die();
  give_back();
  finish_release();
dead: skip
}

active proctype ordered_step() {                 /* under its own lease, and then read back */
  if
  :: atomic { !leased && record == CONTAINED -> move(CONTAINED, CONTAINED); take_lease }
  :: true -> goto dead
  fi;
  may_die();
  atomic { assert(leased && record == CONTAINED); move(CONTAINED, CONTAINED); lapse };
dead: skip
}

active proctype intruder() {
  do
  :: atomic { undos > 0 && record == CONTAINED && !leased && groups == DENIED ->
              undos--; groups = OPEN }
  :: true -> break
  od
}

active proctype watcher() {                      /* every five minutes, for ever */
end:
  do
  :: atomic { !leased && record == CONTAINING ->
              move(CONTAINING, CONTAINING); take_lease }; cut(); finish_cut()
  :: atomic { !leased && record == CONTAINED && groups != DENIED ->
              move(CONTAINED, CONTAINED); take_lease }; cut(); finish_cut()
  :: atomic { !leased && record == RELEASING ->
              move(RELEASING, RELEASING); take_lease }; give_back(); finish_release()
dead: skip                                       /* this run is over; the next one comes */
  od
}

#define at_rest   ((record == CONTAINED && groups == DENIED) || record == RELEASED || record == NONE)

#define undisturbed (deaths == DEATHS && undos == UNDOS)
/* Contained is true: but for an intruder, and for who dies in the hop; both are a drift, which the
   watcher repairs. Released is exact. Nothing is changed that was not remembered. And it rests. */
ltl contained { [] (record == CONTAINED && !leased && undisturbed -> groups == DENIED) }
ltl released  { [] (record == RELEASED -> groups == OPEN) }
ltl kept      { [] (record != NONE -> remembered) }
ltl rests     { <> [] at_rest }
