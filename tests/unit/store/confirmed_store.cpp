#include "server/store/confirmed_store.hpp"

#include "server/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/backbone/memory_register.hpp"

#include <future>

/// What is read of a store that others write, too.
using namespace parley;
using namespace parley::testing;

namespace {

/// A log that has read as far as it is told.
class told_watch final : public settled_watch {
public:
    [[nodiscard]] settled_place settled() const override { return now; }

    [[nodiscard]] bool wait_settled(settled_place place, std::chrono::milliseconds) const override {
        ++waits;
        if (comes) now.n = std::max(now.n, place.n);
        return now.epoch == place.epoch && now.n >= place.n;
    }

    mutable settled_place now;
    mutable int waits = 0;
    bool comes = false;  ///< while somebody waits for it
};

struct world {
    world() {
        watch.now.epoch = order.raise(0, 0, "a").value();
        order.store_up_to(5);
        watch.now.n = 5;
    }

    [[nodiscard]] bool reads() { return store.load_room(general_room).has_value(); }

    memory_store below{hash_key{1, 2}, 1'700'000'000'000};
    memory_register order;
    told_watch watch;
    confirmed_store store{below, order, watch};
};

}  // namespace

TEST_CASE("what is settled as far as one knows is read") {
    world w;
    CHECK(w.reads());
    CHECK(w.store.read_before(general_room, 0, 10)->events.size() == 1);
    CHECK(w.store.read_after(general_room, 0, 10)->events.size() == 1);
    CHECK(w.store.find(general_room, {}).has_value());
    CHECK(w.store.rooms_of({}).has_value());
    CHECK(w.store.list_rooms({}, {}, 10).has_value());
    CHECK(w.store.list_members(general_room, {}, 10).has_value());
    CHECK(w.order.confirmed() == 0);
}

TEST_CASE("what is stored and not settled yet waits until it is") {
    world w;
    w.order.store_up_to(9);
    w.watch.comes = true;
    CHECK(w.reads());
    CHECK(w.watch.now.n == 9);
    CHECK(w.order.confirmed() == 0);
}

TEST_CASE("where nobody says that it is settled, an acknowledged write says so") {
    world w;
    w.order.store_up_to(9);
    CHECK(w.reads());
    CHECK(w.order.confirmed() == 1);
    w.order.set_away(true);
    CHECK_FALSE(w.reads());
}

TEST_CASE("nothing is read of another epoch than one's own") {
    world w;
    SECTION("of a later one") {
        static_cast<void>(w.order.raise(w.watch.now.epoch, 0, "b"));
    }
    SECTION("before the first") {
        w.watch.now = {};
    }
    CHECK_FALSE(w.reads());
}

TEST_CASE("nothing is read of a store that has lost what was settled") {
    world w;
    w.order.store_up_to(4);
    CHECK_FALSE(w.reads());
}
