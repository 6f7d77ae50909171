#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

TEST_CASE("a message goes from the composer to stored, and its row keeps its key") {
    device d;
    d.be_in_general();
    REQUIRE(d.texts(general) == std::vector<std::string>{"first"});

    const auto id = d.say(general, "hello");
    CHECK(id.author == ann);
    REQUIRE(d.ops().size() == 1);
    const auto op = d.ops()[0];
    CHECK(op.text == "hello");
    CHECK(op.id == id.op);
    CHECK(op.after.is_zero());
    CHECK(op.since == 2);
    CHECK_FALSE(op.again);
    CHECK(d.state(general, id) == op_state::sending);
    CHECK_FALSE(d.row(general, id)->saved);
    REQUIRE(d.writes.size() == 1);
    CHECK(d.writes[0].strict);

    d.write();
    CHECK(d.row(general, id)->saved);
    CHECK(d.disk.size() == 3);  // the device, its clock and the op

    d.hub(event_of(op, 3));
    CHECK(d.state(general, id) == op_state::sent);
    CHECK(d.row(general, id)->seq == 3);
    CHECK(d.core.status(d.now).outbox == 1);

    d.hub_watermark(general, 3);
    CHECK(d.state(general, id) == op_state::stored);
    CHECK(d.row(general, id)->committed);
    CHECK(d.core.status(d.now).outbox == 0);
    d.write_all();
    CHECK(d.disk.size() == 2);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "hello"});
}

}  // namespace parley::testing
