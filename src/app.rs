//! The route table of all pages.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::accounts::admin::account_page::AdminAccountPage;
use crate::accounts::admin::pages::AdminAccountsPage;
use crate::accounts::factors::passkeys::manage::PasskeysPage;
use crate::accounts::factors::recovery::generate::RecoveryPage;
use crate::accounts::factors::recovery::redeem::RecoverPage;
use crate::accounts::factors::totp::check::TotpPage;
use crate::accounts::factors::totp::set_up::AuthenticatorPage;
use crate::accounts::login::login::LoginPage;
use crate::accounts::login::logout::AccountMenu;
use crate::accounts::login::register::RegisterPage;
use crate::accounts::passwords::change::PasswordPage;
use crate::accounts::passwords::confirm::ConfirmPage;
use crate::accounts::phone::change_number::{NumberCodePage, NumberPage};
use crate::accounts::phone::check_code::CodePage;
use crate::accounts::phone::send_code::VerifyPage;
use crate::accounts::settings::delete::DeletePage;
use crate::accounts::settings::export::DataPage;
use crate::accounts::settings::page::AccountPage;
use crate::polls::admin::pages::{AdminPollPage, AdminPollsPage};
use crate::polls::browse::home::HomePage;
use crate::polls::browse::show::PollPage;
use crate::polls::manage::create::CreatePage;
use crate::polls::manage::edit::EditPage;
use crate::polls::manage::my_polls::MyPollsPage;
use crate::polls::results::page::ResultsPage;
use crate::polls::voting::page::BallotPage;
use crate::polls::voting::receipt_lookup::ReceiptPage;
use crate::web::components::error_page::ErrorPage;
use crate::web::components::layout::Document;

/// Router: renders the page of the requested path, or the 404 page.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=|| view! { <ErrorPage status=404/> }>
                <Route path=path!("/") view=HomePage/>
                <Route path=path!("/register") view=RegisterPage/>
                <Route path=path!("/login") view=LoginPage/>
                <Route path=path!("/verify") view=VerifyPage/>
                <Route path=path!("/verify/code") view=CodePage/>
                <Route path=path!("/verify/app") view=TotpPage/>
                <Route path=path!("/verify/recovery") view=RecoverPage/>
                <Route path=path!("/account") view=AccountPage/>
                <Route path=path!("/account/authenticator") view=AuthenticatorPage/>
                <Route path=path!("/account/passkeys") view=PasskeysPage/>
                <Route path=path!("/account/recovery") view=RecoveryPage/>
                <Route path=path!("/account/number") view=NumberPage/>
                <Route path=path!("/account/number/code") view=NumberCodePage/>
                <Route path=path!("/account/confirm") view=ConfirmPage/>
                <Route path=path!("/account/data") view=DataPage/>
                <Route path=path!("/account/delete") view=DeletePage/>
                <Route path=path!("/account/password") view=PasswordPage/>
                <Route path=path!("/admin") view=AdminPollsPage/>
                <Route path=path!("/admin/polls/:id") view=AdminPollPage/>
                <Route path=path!("/admin/accounts") view=AdminAccountsPage/>
                <Route path=path!("/admin/accounts/:name") view=AdminAccountPage/>
                <Route path=path!("/polls/new") view=CreatePage/>
                <Route path=path!("/account/polls") view=MyPollsPage/>
                <Route path=path!("/polls/:id") view=PollPage/>
                <Route path=path!("/polls/:id/edit") view=EditPage/>
                <Route path=path!("/polls/:id/vote") view=BallotPage/>
                <Route path=path!("/polls/:id/results") view=ResultsPage/>
                <Route path=path!("/polls/:id/receipt") view=ReceiptPage/>
            </FlatRoutes>
        </Router>
    }
}

/// Wraps a page in the HTML document, with the account menu in its header.
#[must_use]
pub fn document(page: AnyView) -> AnyView {
    let menu = view! { <AccountMenu/> }.into_any();
    view! { <Document menu>{page}</Document> }.into_any()
}
