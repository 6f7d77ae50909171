#include "tests/simulation/laws/laws.hpp"

namespace parley::simulation {

laws::laws(surroundings& around, chronicle& seen) {
    for (const auto make :
         {make_identity, make_one_verdict, make_one_order, make_prefix, make_nothing_fails_late, make_epochs,
          make_idempotence, make_settlement, make_lanes, make_no_hidden_gaps, make_resume, make_tail,
          make_rights, make_bounds, make_after_commit, make_one_rule_book, make_refused_input,
          make_one_users_device, make_same_timelines})
        all_.push_back(make(around, seen));
}

}  // namespace parley::simulation
